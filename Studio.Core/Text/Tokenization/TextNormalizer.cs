using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>The <c>normalizer</c> of tokenizer.json: Unicode normal forms and lower case, alone or in sequence.</summary>
internal sealed class TextNormalizer
{
    private readonly IReadOnlyList<Func<string, string>> _steps;

    private TextNormalizer(IReadOnlyList<Func<string, string>> steps) => _steps = steps;

    /// <summary>Whether texts pass through unchanged.</summary>
    public bool IsIdentity => _steps.Count == 0;

    public static TextNormalizer Read(JsonNode? node)
    {
        var steps = new List<Func<string, string>>();
        if (node is not null) Add(node.Value.Object(), steps);
        return new TextNormalizer(steps);
    }

    public string Apply(string text) => _steps.Aggregate(text, (current, step) => step(current));

    private static void Add(JsonNode node, List<Func<string, string>> steps)
    {
        var type = node.Required("type");
        switch (type.Text())
        {
            case "NFC": steps.Add(text => text.Normalize(NormalizationForm.FormC)); break;
            case "NFD": steps.Add(text => text.Normalize(NormalizationForm.FormD)); break;
            case "NFKC": steps.Add(text => text.Normalize(NormalizationForm.FormKC)); break;
            case "NFKD": steps.Add(text => text.Normalize(NormalizationForm.FormKD)); break;
            case "Lowercase": steps.Add(ToLower); break;
            case "Sequence":
                foreach (var item in node.Required("normalizers").Items()) Add(item.Object(), steps);
                break;
            default: throw type.Unsupported("NFC, NFD, NFKC, NFKD, Lowercase, Sequence");
        }
    }

    // U+0130 is the one character whose full lower-case mapping has two characters; .NET maps one to one.
    private static string ToLower(string text) => text.Replace("\u0130", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();
}
