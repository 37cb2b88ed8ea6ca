using System.Text;
using Google.Protobuf;

namespace Studio.Core.Text.Tokenization;

/// <summary>What kind of thing a piece of a SentencePiece model is (<c>SentencePiece.Type</c> of sentencepiece_model.proto).</summary>
internal enum PieceKind
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

/// <summary>One piece of a SentencePiece model.</summary>
internal readonly record struct Piece(string Text, float Score, PieceKind Kind);

/// <summary>A SentencePiece model file (<c>ModelProto</c>): the parts that decide how text becomes tokens.</summary>
internal sealed record SentencePieceFile
{
    /// <summary>The names that such a file has in model folders.</summary>
    public static readonly string[] Names = ["tokenizer.model", "spiece.model", "sentencepiece.bpe.model"];

    /// <summary>The trainer's <c>model_type</c> for Unigram.</summary>
    public const int Unigram = 1;

    /// <summary>The trainer's <c>model_type</c> for BPE.</summary>
    public const int BytePair = 2;

    // Only a damaged file has longer pieces; the trainer's own limit is 16 characters by default.
    private const int LongestPiece = 512;

    public required string Path { get; init; }
    public required IReadOnlyList<Piece> Pieces { get; init; }
    public required int ModelType { get; init; }
    public required bool ByteFallback { get; init; }
    public required bool AddDummyPrefix { get; init; }
    public required byte[] CharacterMap { get; init; }

    /// <exception cref="InvalidDataException">The file is no SentencePiece model, or damaged.</exception>
    public static SentencePieceFile Read(string file)
    {
        var bytes = File.ReadAllBytes(file);
        if (bytes.AsSpan().StartsWith("version https://git-lfs"u8))
            throw new InvalidDataException($"{file}: this is a Git LFS pointer, not the file itself. Fetch it with 'git lfs pull'.");
        try
        {
            return Read(file, bytes);
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or DecoderFallbackException)
        {
            throw new InvalidDataException($"{file}: not a SentencePiece model: {error.Message}", error);
        }
    }

    private static SentencePieceFile Read(string file, byte[] bytes)
    {
        var pieces = new List<Piece>();
        var (type, byteFallback, dummyPrefix, map) = (Unigram, false, true, Array.Empty<byte>());
        var trained = false;
        var input = new CodedInputStream(bytes);
        while (input.ReadTag() is var tag && tag != 0)
        {
            switch (tag)
            {
                case 1 << 3 | 2: pieces.Add(ReadPiece(Part(), pieces.Count)); break;
                case 2 << 3 | 2:
                    trained = true;
                    var trainer = Part();
                    while (trainer.ReadTag() is var inner && inner != 0)
                        if (inner == 3 << 3) type = trainer.ReadEnum();
                        else if (inner == 35 << 3) byteFallback = trainer.ReadBool();
                        else trainer.SkipLastField();
                    break;
                case 3 << 3 | 2:
                    var normalizer = Part();
                    while (normalizer.ReadTag() is var inner && inner != 0)
                        if (inner == (2 << 3 | 2)) map = normalizer.ReadBytes().ToByteArray();
                        else if (inner == 3 << 3) dummyPrefix = normalizer.ReadBool();
                        else normalizer.SkipLastField();
                    break;
                default: input.SkipLastField(); break;
            }
        }

        if (pieces.Count == 0 || !trained) throw new InvalidDataException($"{file}: found {pieces.Count} pieces{(trained ? "" : " and no trainer_spec")}, wanted a SentencePiece model.");
        return new SentencePieceFile
        {
            Path = System.IO.Path.GetFileName(file),
            Pieces = pieces,
            ModelType = type,
            ByteFallback = byteFallback,
            AddDummyPrefix = dummyPrefix,
            CharacterMap = map,
        };

        CodedInputStream Part() => new(input.ReadBytes().ToByteArray());

        Piece ReadPiece(CodedInputStream part, int index)
        {
            var (text, score, kind) = ((string?)null, 0f, PieceKind.Normal);
            while (part.ReadTag() is var tag && tag != 0)
            {
                switch (tag)
                {
                    case 1 << 3 | 2: text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(part.ReadBytes().Span); break;
                    case 2 << 3 | 5: score = part.ReadFloat(); break;
                    case 3 << 3: kind = (PieceKind)part.ReadEnum(); break;
                    default: part.SkipLastField(); break;
                }
            }

            if (string.IsNullOrEmpty(text) || text.Length > LongestPiece)
                throw new InvalidDataException($"{file}: pieces[{index}].piece: found {text?.Length ?? 0} characters, wanted 1 to {LongestPiece}.");
            if (!float.IsFinite(score)) throw new InvalidDataException($"{file}: pieces[{index}].score: found {score}, wanted a finite number.");
            if (!Enum.IsDefined(kind)) throw new InvalidDataException($"{file}: pieces[{index}].type: found {(int)kind}, wanted 1 to 6.");
            return new Piece(text, score, kind);
        }
    }
}
