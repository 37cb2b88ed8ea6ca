using System.Text.Json;

namespace Studio.Core.Text.Tokenization;

/// <summary>
/// Makes of a SentencePiece model what transformers' convert_slow_tokenizer makes of it: the parts of a tokenizer.json. Which family it is
/// comes from the class in tokenizer_config.json; BPE without one is Llama's form.
/// </summary>
internal static class SentencePieceConverter
{
    private const string MarkToSpace = """{"type":"Replace","pattern":{"String":"▁"},"content":" "}""";

    /// <summary>The parts, and the config with the special tokens that it does not name itself.</summary>
    /// <exception cref="NotSupportedException">Neither BPE nor Unigram.</exception>
    public static (TokenizerParts Parts, TokenizerConfig Config) Convert(SentencePieceFile file, TokenizerConfig config)
    {
        var unknown = Enumerable.Range(0, file.Pieces.Count).FirstOrDefault(id => file.Pieces[id].Kind == PieceKind.Unknown, -1);
        var family = config.ClassName ?? "";
        ITokenModel model = file.ModelType switch
        {
            SentencePieceFile.BytePair => BytePair(file, unknown, family.StartsWith("Gemma", StringComparison.Ordinal)),
            SentencePieceFile.Unigram => new UnigramModel([.. file.Pieces.Select(piece => (piece.Text, (double)piece.Score))], unknown < 0 ? null : unknown, file.ByteFallback),
            var type => throw new NotSupportedException($"{file.Path}: trainer_spec.model_type {type} is not supported; supported: 1 (Unigram), 2 (BPE)."),
        };
        var added = Added(file, model, config);
        config = config with { Bos = config.Bos ?? Present("<s>"), Eos = config.Eos ?? Present("</s>") };
        var (normalizer, preTokenizer, decoder) = file.ModelType == SentencePieceFile.Unigram ? UnigramSteps(file, config)
            : family.StartsWith("Gemma", StringComparison.Ordinal) ? GemmaSteps(file)
            : LlamaSteps(file, config);
        var ids = TokenizerParts.Ids(model, added);
        var flags = config.SentencePiece;
        var addsBos = file.ModelType == SentencePieceFile.BytePair && flags.AddBos;
        var addsEos = family.StartsWith("T5", StringComparison.Ordinal) || flags.AddEos;
        return (new TokenizerParts
        {
            Model = model,
            Added = added,
            Normalizer = normalizer,
            PreTokenizer = PreTokenizer.Read(preTokenizer),
            Decoder = TokenDecoder.Read(decoder),
            Frame = new TokenFrame(Ids(addsBos, config.Bos), Ids(addsEos, config.Eos)),
        }, config);

        string? Present(string token) => model.Vocabulary.ContainsKey(token) ? token : null;
        List<int> Ids(bool adds, string? token) => adds && token is not null && ids.TryGetValue(token, out var id) ? [id] : [];
    }

    private static BytePairModel BytePair(SentencePieceFile file, int unknown, bool isGemma)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var id = 0; id < file.Pieces.Count; id++)
        {
            var text = file.Pieces[id].Text;
            // Gemma's converter gives the byte of the tabulator to the tabulator itself where it is no piece of its own.
            if (isGemma && text == "<0x09>" && !vocabulary.ContainsKey("\t")) text = "\t";
            if (!vocabulary.TryAdd(text, id)) throw new InvalidDataException($"{file.Path}: pieces[{id}].piece: found '{Excerpt.Of(text)}', wanted a piece that is there once.");
        }

        return new BytePairModel(vocabulary, SentencePieceMerges.From(vocabulary, id => file.Pieces[id].Score), new BytePairOptions
        {
            UnknownToken = unknown < 0 ? null : file.Pieces[unknown].Text,
            FuseUnknown = true,
            ByteFallback = file.ByteFallback,
        });
    }

    private static List<AddedToken> Added(SentencePieceFile file, ITokenModel model, TokenizerConfig config)
    {
        var flags = AddedToken.ReadConfigured(config.AddedTokens).DistinctBy(token => token.Content).ToDictionary(token => token.Content, StringComparer.Ordinal);
        var added = new List<AddedToken>();
        for (var id = 0; id < file.Pieces.Count; id++)
        {
            var (text, _, kind) = file.Pieces[id];
            if (kind is not (PieceKind.Unknown or PieceKind.Control or PieceKind.UserDefined) || model.Vocabulary.GetValueOrDefault(text, -1) != id) continue;
            added.Add(flags.TryGetValue(text, out var known)
                ? known with { Id = id }
                : new AddedToken { Id = id, Content = text, Special = kind != PieceKind.UserDefined, Normalized = false });
        }

        AddedToken.AddConfigured(config.AddedTokens, model, added);
        return added;
    }

    private static (TextNormalizer, JsonNode?, JsonNode?) LlamaSteps(SentencePieceFile file, TokenizerConfig config)
    {
        var prefixes = file.AddDummyPrefix && config.SentencePiece.AddPrefixSpace;
        var decoder = Json($$"""{"type":"Sequence","decoders":[{{MarkToSpace}},{"type":"ByteFallback"},{"type":"Fuse"}{{(prefixes ? """,{"type":"Strip","content":" ","start":1,"stop":0}""" : "")}}]}""");
        if (!config.SentencePiece.Legacy && config.SentencePiece.SaysPrefixSpace)
            return (TextNormalizer.Read(null), Json($$"""{"type":"Metaspace","replacement":"▁","prepend_scheme":"{{(prefixes ? "first" : "never")}}","split":false}"""), decoder);
        var normalizer = Json($$"""{"type":"Sequence","normalizers":[{{(prefixes ? """{"type":"Prepend","prepend":"▁"},""" : "")}}{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""");
        return (TextNormalizer.Read(normalizer), null, decoder);
    }

    private static (TextNormalizer, JsonNode?, JsonNode?) GemmaSteps(SentencePieceFile file)
    {
        var normalizer = TextNormalizer.Read(Json($$"""{"type":"Sequence","normalizers":[{{(file.AddDummyPrefix ? """{"type":"Prepend","prepend":"▁"},""" : "")}}{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""));
        return (normalizer, Json("""{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}"""),
            Json($$"""{"type":"Sequence","decoders":[{{MarkToSpace}},{"type":"ByteFallback"},{"type":"Fuse"}]}"""));
    }

    private static (TextNormalizer, JsonNode?, JsonNode?) UnigramSteps(SentencePieceFile file, TokenizerConfig config)
    {
        var steps = new List<NormalizerStep>();
        if (file.CharacterMap.Length > 0) steps.Add(new PrecompiledCharacterMap(file.CharacterMap, $"{file.Path}: normalizer_spec.precompiled_charsmap").Apply);
        NormalizerReader.Add(Json("""{"type":"Sequence","normalizers":[{"type":"Strip","strip_left":false,"strip_right":true},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"▁"}]}"""), steps);
        var scheme = config.SentencePiece.AddPrefixSpace ? "always" : "never";
        var metaspace = $$"""{"type":"Metaspace","replacement":"▁","prepend_scheme":"{{scheme}}","split":true}""";
        var decoder = file.ByteFallback
            ? $$"""{"type":"Sequence","decoders":[{{MarkToSpace}},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}"""
            : metaspace;
        return (new TextNormalizer(steps), Json(metaspace), Json(decoder));
    }

    private static JsonNode Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return new JsonNode(document.RootElement.Clone(), "tokenizer.model");
    }
}
