using System.Text.RegularExpressions;

namespace Studio.Bench.Starter.Traits;

/// <summary>
/// Pirate speech: at least two different pirate words in the speaker's own voice. Quoted speech does not count: a plain story may
/// quote a pirate. "Be" counts only right after a pronoun ("it be"), where plain English has "am", "is" or "are".
/// </summary>
public sealed partial class PirateTrait : ITraitDetector
{
    public string Name => "pirate";

    public string Description => "Uses at least two different pirate words (arr, ahoy, aye, matey, ye, yer, yo ho, shiver me timbers, or be after a pronoun) outside quotation marks.";

    public bool Shows(string answer)
    {
        var own = Quoted().Replace(answer, " ");
        return Marker().Matches(own).Select(match => match.Value.ToLowerInvariant()).Distinct().Count() >= 2;
    }

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b(arr+|ahoy|aye|mateys?|ye|yer|yo ho|shiver me timbers)\b|(?<=\b(i|ye|it|that|this|he|she|they|we) )be\b", RegexOptions.IgnoreCase)]
    private static partial Regex Marker();
}
