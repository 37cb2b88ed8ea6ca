using System.Text.Json;
using System.Text.RegularExpressions;

namespace Studio.Core.Hub;

/// <summary>
/// Which files of a data set's repository are a split. As the datasets library finds them: by <c>configs</c> in the card, else by the words train, validation
/// and test in their names, else all are train. Read are JSON Lines (.jsonl, .ndjson, .json), JSON lists (.json) and Parquet (.parquet); nothing that needs the repository's own code.
/// </summary>
public static partial class DatasetFiles
{
    /// <summary>Most bytes of a split's files.</summary>
    public const long LargestSplit = 512L << 20;

    /// <summary>Split that is meant where none is named.</summary>
    public const string DefaultSplit = "train";

    private static readonly string[] Endings = [".jsonl", ".ndjson", ".json", ".parquet"];
    private static readonly string[] NoData = ["dataset_infos.json", "dataset_dict.json", "dataset_info.json", "state.json", "config.json", "metadata.json"];
    private static readonly string[] OtherData = [".csv", ".tsv", ".arrow", ".zip", ".gz", ".zst", ".tar", ".xlsx", ".txt", ".xml"];

    private static readonly (string Split, string[] Words)[] Splits =
    [
        ("train", ["train", "training"]), ("validation", ["validation", "valid", "val", "dev"]), ("test", ["test", "testing", "eval", "evaluation"]),
    ];

    /// <summary>The files of a split, in order.</summary>
    /// <param name="info">The repository.</param>
    /// <param name="subset">Name of one of its subsets; null = its default.</param>
    /// <param name="split">Name of the split; empty = train.</param>
    /// <exception cref="HubException">There is no such subset or split, or its files cannot be read; the message lists what there is.</exception>
    public static IReadOnlyList<HubFile> Select(HubRepoInfo info, string? subset, string? split)
    {
        ArgumentNullException.ThrowIfNull(info);
        split = string.IsNullOrWhiteSpace(split) ? DefaultSplit : split.Trim();
        var all = Stated(info, subset) ?? Guessed(info, subset);
        if (!all.TryGetValue(split, out var names) || names.Count == 0)
            throw Unusable(info, all.Count == 0 ? NothingReadable(info, subset) : $"it has no split '{split}'; there are {string.Join(", ", all.Keys)}");
        HubFile[] files = [.. names.Order(StringComparer.Ordinal).Select(name => info.Find(name)!)];
        if (files.FirstOrDefault(file => !IsReadable(file.Name)) is { } other)
            throw Unusable(info, $"the split '{split}' has the file '{other.Name}'; {Accepted}");
        long bytes = files.Sum(file => Math.Max(0, file.Bytes));
        return bytes <= LargestSplit ? files
            : throw Unusable(info, $"the split '{split}' has {bytes >> 20} MiB; expected at most {LargestSplit >> 20} MiB. Choose a smaller split or subset");
    }

    /// <summary>What is accepted, for people.</summary>
    internal static string Accepted => "the studio reads JSON Lines (.jsonl, .ndjson, .json), JSON lists (.json) and Parquet (.parquet)";

    // Subsets and splits that the card states; null = it states none.
    private static Dictionary<string, List<string>>? Stated(HubRepoInfo info, string? subset)
    {
        if (info.Card.ValueKind != JsonValueKind.Object || !info.Card.TryGetProperty("configs", out var configs) || configs.ValueKind != JsonValueKind.Array) return null;
        var known = configs.EnumerateArray().Where(config => config.ValueKind == JsonValueKind.Object && Text(config, "config_name") is not null).ToList();
        if (known.Count == 0) return null;
        int chosen = subset is not null ? known.FindIndex(config => Text(config, "config_name") == subset)
            : known.Count == 1 ? 0
            : known.FindIndex(config => config.TryGetProperty("default", out var mark) && mark.ValueKind == JsonValueKind.True) is >= 0 and var marked ? marked
            : known.FindIndex(config => Text(config, "config_name") == "default");
        if (chosen < 0)
            throw Unusable(info, $"{(subset is null ? "it has several subsets and no default" : $"it has no subset '{subset}'")}; there are {string.Join(", ", known.Select(config => Text(config, "config_name")))}");
        if (!known[chosen].TryGetProperty("data_files", out var files)) return null;
        var splits = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (split, pattern) in Patterns(files))
        {
            if (!splits.TryGetValue(split, out var names)) splits[split] = names = [];
            names.AddRange(GlobPattern.Matches(pattern, info.Files.Select(file => file.Name)).Except(names, StringComparer.Ordinal));
        }
        return splits;
    }

    private static IEnumerable<(string Split, string Pattern)> Patterns(JsonElement files) => files.ValueKind switch
    {
        JsonValueKind.String => [(DefaultSplit, files.GetString()!)],
        JsonValueKind.Array => files.EnumerateArray().SelectMany(entry => entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("path", out var path)
            ? Patterns(path).Select(inner => (Text(entry, "split") ?? DefaultSplit, inner.Pattern)) : Patterns(entry)),
        JsonValueKind.Object => files.EnumerateObject().SelectMany(member => Patterns(member.Value).Select(inner => (member.Name, inner.Pattern))),
        _ => [],
    };

    private static Dictionary<string, List<string>> Guessed(HubRepoInfo info, string? subset)
    {
        var names = info.Files.Select(file => file.Name).Where(name => IsReadable(name) && !NoData.Contains(name.Split('/')[^1]))
            .Where(name => subset is null || name.Split('/').SkipLast(1).Contains(subset) || name.Split('/')[^1].StartsWith(subset + ".", StringComparison.Ordinal)).ToList();
        var found = names.ToLookup(SplitOf);
        if (found.All(group => group.Key is null)) return names.Count == 0 ? [] : new(StringComparer.Ordinal) { [DefaultSplit] = OneKind(names) };
        return found.Where(group => group.Key is not null).ToDictionary(group => group.Key!, OneKind, StringComparer.Ordinal);
    }

    // The same rows often lie there in several kinds of files.
    private static List<string> OneKind(IEnumerable<string> names) => [.. names.GroupBy(name => Path.GetExtension(name)).MaxBy(group => group.Count())!];

    private static string? SplitOf(string name) =>
        name.Split('/').Reverse().SelectMany(segment => Word().Split(segment.ToLowerInvariant()))
            .Select(word => Splits.FirstOrDefault(split => split.Words.Contains(word)).Split).FirstOrDefault(split => split is not null);

    private static string NothingReadable(HubRepoInfo info, string? subset) =>
        info.Files.FirstOrDefault(file => OtherData.Any(ending => file.Name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))) is { } other
            ? $"its data are of another kind ({other.Name}); {Accepted}"
            : $"it has no data files{(subset is null ? "" : $" of a subset '{subset}'")}; {Accepted}";

    private static bool IsReadable(string name) => Endings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static string? Text(JsonElement element, string member) =>
        element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static HubException Unusable(HubRepoInfo info, string why) => new(HubFailure.Unusable, $"The data set '{info.Repo.Id}' cannot be used: {why}.");

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Word();
}
