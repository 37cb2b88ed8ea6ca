using System.CommandLine;
using Studio.Bench.Soak.Fuzz;

namespace Studio.Bench.Soak;

/// <summary><c>soak fuzz-models</c>: damaged model folders must load or be refused with a clear message; no crash, no hang, no unbounded memory.</summary>
internal static class FuzzModelsSoak
{
    private const int DefaultMutations = 20_000;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var mutations = new Option<int?>("--mutations") { Description = $"How many damaged files; {DefaultMutations} where neither this nor --seconds is given" };
        var seconds = new Option<int?>("--seconds") { Description = "Ends after this time" };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same damage", DefaultValueFactory = _ => 1 };
        var workers = new Option<int>("--workers") { Description = "Child processes at once", DefaultValueFactory = _ => 1 };
        var seeds = Seeds();
        var output = new Option<DirectoryInfo>("--out") { Description = "Where the files that failed are written", DefaultValueFactory = _ => new DirectoryInfo("fuzz-failures") };
        var drill = Drill();
        var command = new Command("fuzz-models", "Loads thousands of damaged safetensors headers, configs, tokenizers and chat templates, in child processes with limits of time and memory.")
            { mutations, seconds, seed, workers, seeds, output, drill };
        command.SetAction(async (result, ct) => await RunAsync(
            new FuzzCampaign
            {
                Folders = Folders(result.GetValue(seeds)),
                Seed = result.GetValue(seed),
                Mutations = result.GetValue(mutations) ?? (result.GetValue(seconds) is null ? DefaultMutations : int.MaxValue / 2),
                Workers = Math.Max(1, result.GetValue(workers)),
                Reproductions = result.GetRequiredValue(output).FullName,
                Drill = result.GetValue(drill) ?? [],
            },
            result.GetValue(seconds), ct));
        return command;
    }

    /// <summary><c>fuzz-child</c>: what the soak starts. Not for people.</summary>
    public static Command CreateChild()
    {
        Argument<int> seed = new("seed"), first = new("first"), step = new("step"), end = new("end"), mask = new("mask");
        var seeds = Seeds();
        var drill = Drill();
        var command = new Command(FuzzChild.Command, "Tries damaged files one after the other.") { seed, first, step, end, mask, seeds, drill };
        command.Hidden = true;
        command.SetAction(result => FuzzChild.Run(Folders(result.GetValue(seeds)), result.GetValue(seed), result.GetValue(first), result.GetValue(step), result.GetValue(end),
            result.GetValue(mask), result.GetValue(drill) ?? []));
        return command;
    }

    private static async Task<int> RunAsync(FuzzCampaign campaign, int? seconds, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        if (seconds is { } limit) over.CancelAfter(TimeSpan.FromSeconds(limit));
        var tally = await campaign.RunAsync(failure => Console.WriteLine($"FAIL  {failure.Number} (seed {campaign.Seed})  {failure.What}\n      {failure.File}"), over.Token);
        Console.WriteLine($"{tally.Mutations} mutations, {tally.Loaded} loaded, {tally.Refused} refused, {tally.Failures.Count} failed");
        return tally.Failures.Count == 0 && tally.Mutations > 0 ? 0 : 1;
    }

    private static Option<string[]> Seeds() => new("--seeds") { Description = "Folder with models/, tokenizers/ and chat_templates/, or a model folder; may be repeated. Default: the starter model and the fixtures of the tests" };

    private static Option<string[]> Drill() => new("--drill") { Description = "Makes a mutation go wrong on purpose, such as 7:hang", Hidden = true };

    // The repository that this program was built from lies above it.
    private static string[] Folders(string[]? chosen)
    {
        if (chosen is { Length: > 0 }) return chosen;
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "SymbiosisStudio.sln"))) root = root.Parent;
        if (root is null) throw new DirectoryNotFoundException($"'{AppContext.BaseDirectory}' is not inside the repository; say with --seeds where models are.");
        return [Path.Combine(root.FullName, "models", "starter"), Path.Combine(root.FullName, "Studio.Tests", "Fixtures")];
    }
}
