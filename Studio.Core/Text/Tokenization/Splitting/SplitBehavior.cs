namespace Studio.Core.Text.Tokenization;

/// <summary>What a split does with the text it matches (<c>SplitDelimiterBehavior</c> of the Hugging Face tokenizers library).</summary>
internal enum SplitBehavior
{
    /// <summary>The match is dropped.</summary>
    Removed,

    /// <summary>The match is a piece of its own.</summary>
    Isolated,

    /// <summary>The match ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>The match starts the piece after it.</summary>
    MergedWithNext,

    /// <summary>Neighbouring matches form one piece.</summary>
    Contiguous,
}

/// <summary>A stretch of a text that a split matched, or one between two matches.</summary>
internal readonly record struct SplitRange(int Start, int End, bool IsMatch);

/// <summary>Turns the ranges of a split into pieces of text.</summary>
internal static class SplitBehaviors
{
    public static SplitBehavior Read(JsonNode node) => Enum.TryParse<SplitBehavior>(node.Text(), out var behavior) && Enum.IsDefined(behavior)
        ? behavior
        : throw node.Invalid(string.Join(", ", Enum.GetNames<SplitBehavior>()));

    /// <summary>Appends the pieces; empty ones are left out.</summary>
    public static void Emit(WordPiece word, List<SplitRange> ranges, SplitBehavior behavior, List<WordPiece> pieces)
    {
        var text = word.Text;
        var start = 0;
        var end = 0;
        for (var i = 0; i < ranges.Count; i++)
        {
            var range = ranges[i];
            var before = i > 0 && ranges[i - 1].IsMatch;
            var joins = i > 0 && behavior switch
            {
                SplitBehavior.MergedWithPrevious => range.IsMatch && !before,
                SplitBehavior.MergedWithNext => !range.IsMatch && before,
                SplitBehavior.Contiguous => range.IsMatch == before,
                _ => false,
            };
            if (!joins)
            {
                Flush();
                start = range.Start;
            }

            end = behavior == SplitBehavior.Removed && range.IsMatch ? start : range.End;
        }

        Flush();

        void Flush()
        {
            if (end > start) pieces.Add(start == 0 && end == text.Length ? word : word.Part(start, text[start..end]));
        }
    }
}
