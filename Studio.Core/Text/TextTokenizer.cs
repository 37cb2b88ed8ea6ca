using System.Text;
using Studio.Core.Text.Tokenization;

namespace Studio.Core.Text;

/// <summary>
/// The tokenizer of a base model, read from its folder: tokenizer.json (byte-level BPE), tokenizer_config.json, chat_template.jinja and the
/// end-of-sequence ids of generation_config.json or config.json. Ids and texts are those of the Hugging Face tokenizers library; a
/// construct it supports and this class does not is refused when loading. Safe for concurrent use.
/// </summary>
public sealed class TextTokenizer
{
    // Chat models end a turn with these, whatever their base model's end-of-sequence token is.
    private static readonly string[] TurnEnds = ["<|im_end|>", "<|eot_id|>", "<|endoftext|>"];

    private readonly BytePairModel _model;
    private readonly TextNormalizer _normalizer;
    private readonly PreTokenizer _preTokenizer;
    private readonly TokenFrame _frame;
    private readonly AddedTokenMatcher _asWritten;
    private readonly AddedTokenMatcher _normalized;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<int, string> _tokens;
    private readonly Dictionary<int, byte[]> _bytes;
    private readonly HashSet<int> _special;

    private TextTokenizer(JsonNode root, TokenizerConfig config)
    {
        _model = BytePairModel.Read(root.Required("model"));
        var added = AddedToken.ReadAll(root.Optional("added_tokens"), _model.Vocabulary);
        _normalizer = TextNormalizer.Read(root.Optional("normalizer"));
        _preTokenizer = PreTokenizer.Read(root);
        _ids = new Dictionary<string, int>(_model.Vocabulary, StringComparer.Ordinal);
        foreach (var token in added) _ids[token.Content] = token.Id;
        _frame = TokenFrame.Read(root.Optional("post_processor"), _ids);
        CheckDecoder(root);

        _asWritten = new AddedTokenMatcher(added.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalized = new AddedTokenMatcher(added.Where(token => token.Normalized).Select(token => (_normalizer.Apply(token.Content), token)));
        _tokens = [];
        foreach (var (token, id) in _ids) _tokens[id] = token;
        foreach (var token in added) _tokens[token.Id] = token.Content;
        _bytes = _tokens.ToDictionary(entry => entry.Key, entry => ByteAlphabet.Unspell(entry.Value));
        _special = [.. added.Where(token => token.Special).Select(token => token.Id)];

        VocabularySize = _tokens.Keys.Max() + 1;
        BosId = TokenId(config.Bos);
        EosId = TokenId(config.Eos);
        PadId = TokenId(config.Pad);
        ChatTemplate = config.ChatTemplate;
        var stops = config.EosIds.Where(_tokens.ContainsKey).ToHashSet();
        if (EosId is { } eos) stops.Add(eos);
        foreach (var end in TurnEnds)
            if (_ids.TryGetValue(end, out var id) && _special.Contains(id)) stops.Add(id);
        StopIds = stops;
        _special.UnionWith(new[] { BosId, EosId, PadId }.OfType<int>().Where(id => added.Any(token => token.Id == id)));
    }

    /// <summary>How many ids there are: one more than the highest. A model may have more rows of embedding than this.</summary>
    public int VocabularySize { get; }

    /// <summary>The id of the token that starts a text, where the model has one.</summary>
    public int? BosId { get; }

    /// <summary>The id of the token that ends a text, where the model has one.</summary>
    public int? EosId { get; }

    /// <summary>The id of the padding token, where the model has one.</summary>
    public int? PadId { get; }

    /// <summary>The ids at which generation ends: end of sequence and end of turn.</summary>
    public IReadOnlyCollection<int> StopIds { get; }

    /// <summary>The chat template (Jinja) that the model ships, or null.</summary>
    public string? ChatTemplate { get; }

    /// <summary>Loads the tokenizer of a model folder.</summary>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.json.</exception>
    /// <exception cref="InvalidDataException">A file is damaged; the message names file, field, value found and value wanted.</exception>
    /// <exception cref="NotSupportedException">A construct is not supported; the message names file, field and value.</exception>
    public static TextTokenizer Load(string folder)
    {
        var file = Path.Combine(folder, "tokenizer.json");
        if (!File.Exists(file)) throw new FileNotFoundException($"{file}: not found. A model folder needs a tokenizer.json.", file);
        var root = JsonNode.ParseFile(file);
        if (root.Optional("version") is { } version && version.Text() != "1.0") throw version.Unsupported("\"1.0\"");
        return new TextTokenizer(root, TokenizerConfig.Read(folder));
    }

    /// <summary>The tokens of a text, with special tokens in it recognised. Lone surrogates are read as U+FFFD.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether to put the model's own start and end tokens around it.</param>
    /// <exception cref="InvalidDataException">A pattern of the tokenizer takes more than a second on one match.</exception>
    public IReadOnlyList<int> Encode(string text, bool addSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>();
        if (addSpecialTokens) ids.AddRange(_frame.Before);
        Append(text, null, ids);
        if (addSpecialTokens) ids.AddRange(_frame.After);
        return ids;
    }

    /// <summary>
    /// The tokens of a text that is put together from trusted and untrusted stretches. Special tokens are made only where the whole of their
    /// spelling is trusted; the same spelling in an untrusted stretch stays plain text.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="isTrusted">Whether all the characters from the first index up to the second are trusted.</param>
    internal IReadOnlyList<int> Encode(string text, Func<int, int, bool> isTrusted)
    {
        var ids = new List<int>();
        Append(text, isTrusted, ids);
        return ids;
    }

    /// <summary>The text of tokens. Broken UTF-8 becomes U+FFFD; ids outside of the vocabulary are left out.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="skipSpecialTokens">Whether to leave special tokens out.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var bytes = new List<byte>();
        foreach (var id in ids) bytes.AddRange(BytesOf(id, skipSpecialTokens));
        return Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes));
    }

    /// <summary>The id of a token by its spelling in tokenizer.json, or null.</summary>
    public int? TokenId(string? token) => token is not null && _ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>Whether an id is a special (control) token.</summary>
    public bool IsSpecial(int id) => _special.Contains(id);

    /// <summary>The bytes that a token adds to a text.</summary>
    internal ReadOnlySpan<byte> BytesOf(int id, bool skipSpecialTokens) =>
        skipSpecialTokens && _special.Contains(id) ? [] : _bytes.GetValueOrDefault(id);

    private void Append(string text, Func<int, int, bool>? isTrusted, List<int> ids)
    {
        text = WellFormed(text);
        Func<AddedToken, int, int, bool>? allow = isTrusted is null
            ? null
            : (token, start, end) => !_special.Contains(token.Id) || isTrusted(start, end);
        foreach (var segment in _asWritten.Split(text, allow))
        {
            if (segment.Token is { } token) ids.Add(token.Id);
            else AppendNormalized(text, segment, isTrusted, ids);
        }
    }

    private void AppendNormalized(string text, TextSegment segment, Func<int, int, bool>? isTrusted, List<int> ids)
    {
        var written = text[segment.Start..segment.End];
        var normalized = _normalizer.Apply(written);
        // Where normalizing moved characters, a position no longer says whose text it is: the segment counts as a whole.
        var same = ReferenceEquals(written, normalized) || written == normalized;
        Func<AddedToken, int, int, bool>? allow = isTrusted is null ? null : (token, start, end) => !_special.Contains(token.Id) ||
            (same ? isTrusted(segment.Start + start, segment.Start + end) : isTrusted(segment.Start, segment.End));
        foreach (var part in _normalized.Split(normalized, allow))
        {
            if (part.Token is { } token) ids.Add(token.Id);
            else
                foreach (var word in _preTokenizer.Split(normalized[part.Start..part.End])) _model.Encode(word, ids);
        }
    }

    private static string WellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1])) i++;
            else return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }

        return text;
    }

    private static void CheckDecoder(JsonNode root)
    {
        if (root.Optional("decoder") is not { } node)
            throw new NotSupportedException($"{root.Path}.decoder: null is not supported; supported: ByteLevel.");
        var type = node.Object().Required("type");
        if (type.Text() != "ByteLevel") throw type.Unsupported("ByteLevel");
    }
}
