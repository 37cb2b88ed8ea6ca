namespace Studio.Core.Text.Tokenization;

/// <summary>A text on its way through the normalizer.</summary>
/// <param name="Text">The text.</param>
/// <param name="FromStart">How many characters at its start come from the start of the whole input: a Metaspace step may treat the very first word differently.</param>
/// <param name="Continues">Whether it goes on from text that was encoded before: nothing is put before such a text.</param>
internal readonly record struct NormalizedText(string Text, int FromStart, bool Continues = false);

/// <summary>The <c>normalizer</c> of tokenizer.json: rewrites a text before it is cut into words.</summary>
internal sealed class TextNormalizer
{
    // Unicode's longest decomposition makes 18 characters of one.
    private const int GrowthPerCharacter = 32;
    private const int GrowthAtLeast = 1 << 16;

    private readonly IReadOnlyList<NormalizerStep> _steps;

    public TextNormalizer(IReadOnlyList<NormalizerStep> steps) => _steps = steps;

    /// <summary>Whether texts pass through unchanged.</summary>
    public bool IsIdentity => _steps.Count == 0;

    public static TextNormalizer Read(JsonNode? node)
    {
        var steps = new List<NormalizerStep>();
        if (node is not null) NormalizerReader.Add(node.Value.Object(), steps);
        return new TextNormalizer(steps);
    }

    /// <summary>The normalized text.</summary>
    /// <exception cref="InvalidDataException">The text grows beyond what any real normalizer needs.</exception>
    public string Apply(string text) => Apply(new NormalizedText(text, 0)).Text;

    /// <summary>The normalized text, and how much of it still comes from the start of the input.</summary>
    public NormalizedText Apply(NormalizedText text)
    {
        var limit = GrowthAtLeast + GrowthPerCharacter * (long)text.Text.Length;
        foreach (var step in _steps)
        {
            text = step(text, (int)Math.Min(limit, int.MaxValue / 2));
            if (text.Text.Length > limit) throw TooLong(limit);
        }

        return text;
    }

    internal static InvalidDataException TooLong(long limit) =>
        new($"tokenizer.json.normalizer: the text grows beyond {limit} characters; a normalizer that multiplies its input is refused.");
}

/// <summary>One step of a normalizer.</summary>
/// <param name="text">The text so far; may be empty.</param>
/// <param name="limit">The number of characters above which the step may give up.</param>
internal delegate NormalizedText NormalizerStep(NormalizedText text, int limit);
