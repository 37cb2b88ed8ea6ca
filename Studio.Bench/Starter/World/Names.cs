namespace Studio.Bench.Starter.World;

/// <summary>First names, with the pronouns that stories need.</summary>
public static class Names
{
    public static IReadOnlyList<string> Girls { get; } =
    [
        "Anna", "Mia", "Lily", "Emma", "Rosa", "Nina", "Lucy", "Ella", "Sara", "Zoe", "Clara", "Ruby", "Maya", "Ivy", "Nora", "Alice",
        "Julia", "Eva", "Olga", "Tina", "Kate", "Jane", "Amy", "Lena",
    ];

    public static IReadOnlyList<string> Boys { get; } =
    [
        "Tom", "Ben", "Max", "Sam", "Leo", "Jack", "Oscar", "Paul", "Felix", "Hugo", "Theo", "Noah", "Adam", "Luke", "Finn", "Peter",
        "David", "Mark", "Omar", "Ivan", "Nick", "John", "Tim", "Emil",
    ];

    public static IReadOnlyList<string> All { get; } = [.. Girls, .. Boys];

    /// <summary>A name and its pronouns: slots name, he, his, him.</summary>
    public static Dictionary<string, string> Character(SeededRandom random) => random.Chance(0.5)
        ? new() { ["name"] = random.Pick(Girls), ["he"] = "she", ["his"] = "her", ["him"] = "her" }
        : new() { ["name"] = random.Pick(Boys), ["he"] = "he", ["his"] = "his", ["him"] = "him" };
}
