namespace Studio.Bench.Starter.World;

/// <summary>Opposites and rhymes.</summary>
public static class Words
{
    private static readonly (string Left, string Right)[] Pairs =
    [
        ("hot", "cold"), ("big", "small"), ("tall", "short"), ("fast", "slow"), ("happy", "sad"), ("day", "night"), ("up", "down"),
        ("left", "right"), ("open", "closed"), ("full", "empty"), ("old", "young"), ("hard", "soft"), ("wet", "dry"), ("dark", "light"),
        ("loud", "quiet"), ("clean", "dirty"), ("early", "late"), ("near", "far"), ("rich", "poor"), ("strong", "weak"), ("thick", "thin"),
        ("high", "low"), ("sweet", "sour"), ("first", "last"), ("good", "bad"), ("begin", "end"), ("buy", "sell"), ("push", "pull"),
        ("laugh", "cry"), ("win", "lose"), ("inside", "outside"), ("above", "below"), ("black", "white"),
        ("yes", "no"), ("summer", "winter"), ("morning", "evening"), ("north", "south"), ("east", "west"), ("wide", "narrow"),
        ("deep", "shallow"), ("brave", "afraid"), ("awake", "asleep"), ("give", "take"), ("question", "answer"), ("always", "never"),
        ("friend", "enemy"), ("smooth", "rough"), ("sharp", "blunt"), ("straight", "bent"),
    ];

    /// <summary>Every word that has an opposite, with it, in both directions.</summary>
    public static IReadOnlyList<(string Word, string Opposite)> Opposites { get; } =
        [.. Pairs.SelectMany(pair => new[] { (pair.Left, pair.Right), (pair.Right, pair.Left) })];

    /// <summary>Words that rhyme, in pairs.</summary>
    public static IReadOnlyList<(string Word, string Rhyme)> Rhymes { get; } =
    [
        ("cat", "hat"), ("dog", "frog"), ("mouse", "house"), ("tree", "bee"), ("moon", "spoon"), ("star", "car"), ("fox", "box"),
        ("bear", "chair"), ("goat", "boat"), ("sheep", "sleep"), ("cake", "lake"), ("ring", "king"), ("rain", "train"), ("snow", "crow"),
        ("day", "play"), ("night", "light"), ("book", "cook"), ("ball", "wall"), ("sun", "fun"), ("bread", "bed"), ("door", "floor"),
        ("clock", "rock"), ("fish", "dish"), ("snake", "lake"), ("duck", "truck"), ("pen", "hen"), ("bell", "shell"), ("nose", "rose"),
    ];
}
