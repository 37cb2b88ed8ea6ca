using System.Text;
using Studio.Core.Text.Tokenization;

namespace Studio.Core.Text;

/// <summary>
/// The tokenizer of a base model, read from its folder: tokenizer.json, or tokenizer.model (SentencePiece) where there is none; with
/// tokenizer_config.json, chat_template.jinja and the end-of-sequence ids of generation_config.json or config.json. Ids and texts are those of
/// the Hugging Face tokenizers library; a construct it supports and this class does not is refused when loading. Safe for concurrent use.
/// </summary>
public sealed class TextTokenizer
{
    // Chat models end a turn with these, whatever their base model's end-of-sequence token is.
    private static readonly string[] TurnEnds = ["<|im_end|>", "<|eot_id|>", "<|endoftext|>"];

    private readonly ITokenModel _model;
    private readonly TextNormalizer _normalizer;
    private readonly PreTokenizer _preTokenizer;
    private readonly TokenFrame _frame;
    private readonly TokenDecoder _decoder;
    private readonly AddedTokenMatcher _asWritten;
    private readonly AddedTokenMatcher _normalized;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<int, string> _addedTokens = [];
    private readonly Dictionary<int, string> _addedTexts = [];
    private readonly HashSet<string> _skipped;
    private readonly HashSet<int> _special;

    private TextTokenizer(TokenizerParts parts, TokenizerConfig config)
    {
        (_model, _normalizer, _preTokenizer, _frame, _decoder) = (parts.Model, parts.Normalizer, parts.PreTokenizer, parts.Frame, parts.Decoder);
        _ids = TokenizerParts.Ids(_model, parts.Added);
        var matched = parts.Added.Select(token => (Content: token.Normalized ? _normalizer.Apply(token.Content) : token.Content, Token: token)).ToArray();
        _asWritten = new AddedTokenMatcher(matched.Where(entry => !entry.Token.Normalized));
        _normalized = new AddedTokenMatcher(matched.Where(entry => entry.Token.Normalized));
        // Decoding starts from the form that was matched, as in the reference since 0.23.
        foreach (var (content, token) in matched) (_addedTokens[token.Id], _addedTexts[token.Id]) = (token.Content, content);
        _skipped = parts.Added.Where(token => token.Special).Select(token => token.Content).ToHashSet(StringComparer.Ordinal);
        _special = [.. parts.Added.Where(token => token.Special).Select(token => token.Id)];

        if (_ids.Count == 0) throw new InvalidDataException("tokenizer.json.model.vocab: found no tokens, wanted at least one.");
        VocabularySize = _model.Tokens.Keys.Concat(_addedTokens.Keys).Concat(_frame.Before).Concat(_frame.After).Max() + 1;
        BosId = TokenId(config.Bos);
        EosId = TokenId(config.Eos);
        PadId = TokenId(config.Pad);
        ChatTemplate = config.ChatTemplate;
        CleansUpSpaces = config.CleansUpSpaces;
        var stops = config.EosIds.Where(id => TokenText(id) is not null).ToHashSet();
        if (EosId is { } eos) stops.Add(eos);
        foreach (var end in TurnEnds)
            if (_ids.TryGetValue(end, out var id) && _special.Contains(id)) stops.Add(id);
        StopIds = stops;
        _special.UnionWith(new[] { BosId, EosId, PadId }.OfType<int>().Where(_addedTokens.ContainsKey));
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

    /// <summary>
    /// Whether the model's config asks for spaces before punctuation to be taken out after decoding. Version 4 of the transformers library
    /// did so; version 5 does not, and nor does <see cref="Decode"/>: see <see cref="CleanUpSpaces"/>.
    /// </summary>
    public bool CleansUpSpaces { get; }

    /// <summary>Loads the tokenizer of a model folder.</summary>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.json and no SentencePiece model.</exception>
    /// <exception cref="InvalidDataException">A file is damaged; the message names file, field, value found and value wanted.</exception>
    /// <exception cref="NotSupportedException">A construct is not supported; the message names file, field and value.</exception>
    public static TextTokenizer Load(string folder)
    {
        var file = Path.Combine(folder, "tokenizer.json");
        if (File.Exists(file))
        {
            var config = TokenizerConfig.Read(folder);
            return new TextTokenizer(TokenizerParts.Read(JsonNode.ParseFile(file), config), config);
        }

        return LoadSentencePiece(folder) ?? throw new FileNotFoundException(
            $"{file}: not found. A model folder needs a tokenizer.json or one of {string.Join(", ", SentencePieceFile.Names)}.", file);
    }

    /// <summary>
    /// Loads a folder from its SentencePiece model, the way the transformers library converts one, whether or not there is a tokenizer.json;
    /// null where there is no such model.
    /// </summary>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    /// <exception cref="NotSupportedException">The file is no SentencePiece model, or one of a kind that is not supported.</exception>
    public static TextTokenizer? LoadSentencePiece(string folder)
    {
        if (SentencePieceFile.Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is not { } file) return null;
        var config = TokenizerConfig.Read(folder);
        var (parts, completed) = SentencePieceConverter.Convert(SentencePieceFile.Read(file), config);
        return new TextTokenizer(parts, completed);
    }

    /// <summary>The tokens of a text, with special tokens in it recognised. Lone surrogates are read as U+FFFD.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether to put the model's own start and end tokens around it.</param>
    /// <exception cref="InvalidDataException">A pattern takes too long, the normalizer multiplies the text, or an unknown token is missing.</exception>
    public IReadOnlyList<int> Encode(string text, bool addSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>();
        if (addSpecialTokens) ids.AddRange(_frame.Before);
        Append(text, null, null, ids);
        if (addSpecialTokens) ids.AddRange(_frame.After);
        return ids;
    }

    /// <summary>
    /// The tokens of a text that is put together from trusted and untrusted stretches. Special tokens are made only where the whole of their
    /// spelling is trusted; the same spelling in an untrusted stretch stays plain text.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="isTrusted">Whether all the characters from the first index up to the second are trusted.</param>
    /// <param name="after">The token before, where the text goes on from one that was encoded already: it then gets no space of its own.</param>
    internal IReadOnlyList<int> Encode(string text, Func<int, int, bool> isTrusted, int? after = null)
    {
        var ids = new List<int>();
        Append(text, isTrusted, after, ids);
        return ids;
    }

    /// <summary>The text of tokens. Broken UTF-8 becomes U+FFFD; ids outside of the vocabulary are left out.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="skipSpecialTokens">Whether to leave special tokens out.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var decoder = OpenDecoder(out var text);
        foreach (var id in ids)
            if (DecodedToken(id, skipSpecialTokens) is { } token) decoder.Token(token);
        decoder.End();
        return text.Take();
    }

    /// <summary>A decoded text without the spaces before punctuation and contractions, as version 4 of the transformers library gave it.</summary>
    public static string CleanUpSpaces(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return SpaceCleanup.Transformers(text);
    }

    /// <summary>The id of a token by its spelling in tokenizer.json, or null.</summary>
    public int? TokenId(string? token) => token is not null && _ids.TryGetValue(token, out var id) ? id : null;

    /// <summary>The spelling of a token in tokenizer.json, or null where the id is outside of the vocabulary.</summary>
    public string? TokenText(int id) => _addedTokens.TryGetValue(id, out var added) ? added : _model.Tokens.GetValueOrDefault(id);

    /// <summary>Whether an id is a special (control) token.</summary>
    public bool IsSpecial(int id) => _special.Contains(id);

    /// <summary>Opens a decoder for one sequence of tokens; text comes out as it becomes certain.</summary>
    internal ITokenSink OpenDecoder(out TextSink text) => _decoder.Open(out text);

    /// <summary>What a token gives to the decoder, or null where it is left out.</summary>
    internal string? DecodedToken(int id, bool skipSpecialTokens)
    {
        if (!_addedTexts.TryGetValue(id, out var token)) token = _model.Tokens.GetValueOrDefault(id);
        return token is null || (skipSpecialTokens && _skipped.Contains(token)) ? null : token;
    }

    private void Append(string text, Func<int, int, bool>? isTrusted, int? after, List<int> ids)
    {
        text = WellFormed(text);
        Func<AddedToken, int, int, bool>? allow = isTrusted is null
            ? null
            : (token, start, end) => !_special.Contains(token.Id) || isTrusted(start, end);
        foreach (var segment in _asWritten.Split(text, allow))
        {
            if (segment.Token is { } token) ids.Add(token.Id);
            else AppendNormalized(text, segment, isTrusted, after, ids);
        }
    }

    private void AppendNormalized(string text, TextSegment segment, Func<int, int, bool>? isTrusted, int? after, List<int> ids)
    {
        var written = text[segment.Start..segment.End];
        var continues = segment.Start == 0 && after is { } before && !_addedTexts.ContainsKey(before);
        var (normalized, fromStart, _) = _normalizer.Apply(new NormalizedText(written, segment.Start == 0 && after is null ? 1 : 0, continues));
        // Where normalizing moved characters, a position no longer says whose text it is: the segment counts as a whole.
        var same = ReferenceEquals(written, normalized) || written == normalized;
        Func<AddedToken, int, int, bool>? allow = isTrusted is null ? null : (token, start, end) => !_special.Contains(token.Id) ||
            (same ? isTrusted(segment.Start + start, segment.Start + end) : isTrusted(segment.Start, segment.End));
        foreach (var part in _normalized.Split(normalized, allow))
        {
            if (part.Token is { } token) ids.Add(token.Id);
            else
                foreach (var word in _preTokenizer.Split(new WordPiece(normalized[part.Start..part.End], part.Start < fromStart, continues && part.Start == 0)))
                    _model.Encode(word.Text, ids);
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
}
