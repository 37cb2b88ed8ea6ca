namespace Studio.Bench.Starter;

/// <summary>How the user of one chat types: most write neatly, some without capitals and full stops, some say hello first.</summary>
public sealed class TypingHabit
{
    private static readonly string[] Hellos = ["Hello!", "Hi!", "Hello.", "Hey!", "Hi there.", "Good day!"];

    private static readonly string[] Greetings = ["Hello", "Hi", "Hey", "Good", "Greetings", "Bye"];

    private readonly bool _careless;
    private string? _hello;

    public TypingHabit(SeededRandom random)
    {
        _careless = random.Chance(0.1);
        _hello = random.Chance(0.08) ? random.Pick(Hellos) : null;
    }

    /// <summary>The prompt as this user types it.</summary>
    public string Type(string prompt)
    {
        if (_hello is not null && !StartsWithGreeting(prompt))
            prompt = $"{_hello} {prompt}";
        _hello = null;
        return _careless ? prompt.ToLowerInvariant().TrimEnd('.', '!', '?') : prompt;
    }

    private static bool StartsWithGreeting(string prompt) =>
        Greetings.Any(greeting => prompt.StartsWith(greeting, StringComparison.Ordinal));
}
