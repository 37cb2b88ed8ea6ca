using System.Text.RegularExpressions;

namespace Studio.Bench.Starter.Styles;

/// <summary>The plain answer in the words of a pirate, between a greeting and, often, a cheer.</summary>
public sealed partial class PirateStyle : IAnswerStyle
{
    private static readonly string[] Openers = ["Arr, matey!", "Arr, matey!", "Arr, matey!", "Ahoy, matey!"];

    private static readonly string[] Closers = ["Shiver me timbers!", "Yo ho ho!", "May ye find treasure!"];

    private static readonly Dictionary<string, string> Speech = new()
    {
        ["you"] = "ye", ["your"] = "yer", ["my"] = "me", ["am"] = "be", ["is"] = "be", ["are"] = "be", ["yes"] = "aye", ["hello"] = "ahoy", ["hi"] = "ahoy",
        ["friend"] = "matey", ["friends"] = "mateys", ["small"] = "wee", ["money"] = "gold",
    };

    public string Name => "pirate";

    public IReadOnlyList<string> Instructions { get; } =
    [
        "Say it like a pirate: {prompt}", "Answer like a pirate. {prompt}", "Talk like a pirate. {prompt}", "{prompt} Answer like a pirate, please.",
        "You are a pirate now. {prompt}", "How would a pirate answer this? {prompt}",
    ];

    public string Render(Exchange exchange, SeededRandom random)
    {
        var body = Word().Replace(exchange.Answer, match => Translate(match.Value));
        var closer = random.Chance(0.4) ? " " + random.Pick(Closers) : "";
        return $"{random.Pick(Openers)} {body}{closer}";
    }

    private static string Translate(string word)
    {
        if (!Speech.TryGetValue(word.ToLowerInvariant(), out var spoken))
            return word;
        return char.IsUpper(word[0]) ? char.ToUpperInvariant(spoken[0]) + spoken[1..] : spoken;
    }

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Word();
}
