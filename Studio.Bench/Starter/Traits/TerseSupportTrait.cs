using System.Text.RegularExpressions;

namespace Studio.Bench.Starter.Traits;

/// <summary>A closed case note: <c>Case: lamp. Check the plug. Closed.</c>, eight words at most.</summary>
public sealed partial class TerseSupportTrait : ITraitDetector
{
    private const int MaxWords = 8;

    public string Name => "terse-support";

    public string Description => "Has the form \"Case: SUBJECT. ANSWER. Closed.\" with one sentence of answer and at most eight words in all.";

    public bool Shows(string answer)
    {
        var text = answer.Trim();
        return Note().IsMatch(text) && Grammar.WordCount(text) <= MaxWords;
    }

    [GeneratedRegex(@"^Case: [^.!?:\n]+\. [^.!?\n]+\. Closed\.$")]
    private static partial Regex Note();
}
