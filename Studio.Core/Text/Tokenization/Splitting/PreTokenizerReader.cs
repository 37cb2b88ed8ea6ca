using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>Reads the steps of a pre-tokenizer (<c>pre_tokenizers</c> of the Hugging Face tokenizers library).</summary>
internal static class PreTokenizerReader
{
    /// <exception cref="NotSupportedException">A kind of pre-tokenizer that is not supported.</exception>
    public static void Add(JsonNode node, List<PreTokenizerStep> steps)
    {
        var type = node.Required("type");
        switch (type.Text())
        {
            case "Sequence":
                node.Known("type", "pretokenizers");
                foreach (var item in node.Required("pretokenizers").Items()) Add(item.Object(), steps);
                break;
            case "ByteLevel":
                node.Known("type", "add_prefix_space", "trim_offsets", "use_regex");
                steps.Add(PreTokenizerSteps.ByteLevel(node.Flag("add_prefix_space", true), node.Flag("use_regex", true)));
                break;
            case "Metaspace": steps.Add(Metaspace.Read(node).Split); break;
            case "Split":
                node.Known("type", "pattern", "behavior", "invert");
                steps.Add(PreTokenizerSteps.Pattern(
                    CodePointRegex.Read(node.Required("pattern")), SplitBehaviors.Read(node.Required("behavior")), node.Flag("invert", false)));
                break;
            case "Digits":
                node.Known("type", "individual_digits");
                steps.Add(PreTokenizerSteps.Runes(Rune.IsNumber, node.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous));
                break;
            case "Punctuation":
                node.Known("type", "behavior");
                steps.Add(PreTokenizerSteps.Runes(PreTokenizerSteps.IsPunctuation,
                    node.Optional("behavior") is { } behavior ? SplitBehaviors.Read(behavior) : SplitBehavior.Isolated));
                break;
            case "Whitespace":
                node.Known("type");
                steps.Add(PreTokenizerSteps.Words);
                break;
            case "WhitespaceSplit":
                node.Known("type");
                steps.Add(PreTokenizerSteps.Runes(Rune.IsWhiteSpace, SplitBehavior.Removed));
                break;
            case "BertPreTokenizer":
                node.Known("type");
                steps.Add(PreTokenizerSteps.Runes(Rune.IsWhiteSpace, SplitBehavior.Removed));
                steps.Add(PreTokenizerSteps.Runes(PreTokenizerSteps.IsPunctuation, SplitBehavior.Isolated));
                break;
            case "CharDelimiterSplit":
                node.Known("type", "delimiter");
                var delimiter = new Rune(node.Required("delimiter").Character());
                steps.Add(PreTokenizerSteps.Runes(rune => rune == delimiter, SplitBehavior.Removed));
                break;
            case "FixedLength":
                node.Known("type", "length");
                var length = node.Optional("length")?.Id() ?? 5;
                if (length == 0) throw node.Required("length").Invalid("at least 1");
                steps.Add(PreTokenizerSteps.Fixed(length));
                break;
            default:
                throw type.Unsupported("Sequence, ByteLevel, Metaspace, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, " +
                    "BertPreTokenizer, CharDelimiterSplit, FixedLength");
        }
    }
}
