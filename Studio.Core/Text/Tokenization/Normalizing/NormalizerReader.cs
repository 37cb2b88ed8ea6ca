using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>Reads the steps of a normalizer (<c>normalizers</c> of the Hugging Face tokenizers library).</summary>
internal static class NormalizerReader
{
    /// <exception cref="NotSupportedException">A kind of normalizer that is not supported.</exception>
    public static void Add(JsonNode node, List<NormalizerStep> steps)
    {
        var type = node.Required("type");
        switch (type.Text())
        {
            case "Sequence":
                node.Known("type", "normalizers");
                foreach (var item in node.Required("normalizers").Items()) Add(item.Object(), steps);
                return;
            case "Replace":
                node.Known("type", "pattern", "content");
                var (pattern, content) = (CodePointRegex.Read(node.Required("pattern")), node.Required("content").Text());
                steps.Add((text, limit) => NormalizerSteps.Replace(text, pattern, content, limit));
                return;
            case "Prepend":
                node.Known("type", "prepend");
                var prefix = node.Required("prepend").Text();
                steps.Add((text, _) => NormalizerSteps.Prepend(text, prefix));
                return;
            case "Strip":
                node.Known("type", "strip_left", "strip_right");
                var (left, right) = (node.Flag("strip_left", true), node.Flag("strip_right", true));
                steps.Add((text, _) => NormalizerSteps.Strip(text, left, right));
                return;
            case "Precompiled":
                node.Known("type", "precompiled_charsmap");
                steps.Add(PrecompiledCharacterMap.Read(node.Required("precompiled_charsmap")).Apply);
                return;
        }

        node.Known("type");
        steps.Add(type.Text() switch
        {
            "NFC" => Form(NormalizationForm.FormC),
            "NFD" => Form(NormalizationForm.FormD),
            "NFKC" => Form(NormalizationForm.FormKC),
            "NFKD" => Form(NormalizationForm.FormKD),
            "Lowercase" => (text, _) => NormalizerSteps.Lower(text),
            "StripAccents" => (text, _) => NormalizerSteps.Where(text, NormalizerSteps.IsNotAccent),
            "Nmt" => (text, _) => NormalizerSteps.Nmt(text),
            "ByteLevel" => (text, _) => text with { Text = ByteAlphabet.Spell(text.Text), FromStart = Math.Min(text.FromStart, 1) },
            _ => throw type.Unsupported("Sequence, Replace, Prepend, Strip, StripAccents, Precompiled, NFC, NFD, NFKC, NFKD, Lowercase, Nmt, ByteLevel"),
        });
    }

    private static NormalizerStep Form(NormalizationForm form) => (text, _) => text with { Text = text.Text.Normalize(form) };
}
