using System.Globalization;

namespace Studio.Bench.Soak.Fuzz;

/// <summary>A mutation that did what no user should see.</summary>
/// <param name="Number">Its number.</param>
/// <param name="What">What it did.</param>
/// <param name="File">The smallest damaged file that does it.</param>
internal sealed record FuzzFailure(int Number, string What, string File);

/// <summary>Counts of a soak.</summary>
internal sealed record FuzzTally(int Loaded, int Refused, IReadOnlyList<FuzzFailure> Failures)
{
    /// <summary>All mutations that were tried.</summary>
    public int Mutations => Loaded + Refused + Failures.Count;
}

/// <summary>Tries mutations in child processes; starts a new one where one was lost, and looks for the smallest damage that does the same.</summary>
internal sealed record FuzzCampaign
{
    /// <summary>Where the seeds are.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    /// <summary>Of the whole soak.</summary>
    public required int Seed { get; init; }

    /// <summary>How many mutations.</summary>
    public required int Mutations { get; init; }

    /// <summary>Child processes at once.</summary>
    public int Workers { get; init; } = 1;

    /// <summary>How long one mutation may take on the clock; processor time is judged by the child.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Where reproductions are written; made when there is one.</summary>
    public required string Reproductions { get; init; }

    /// <summary>See <see cref="FuzzChild.Run"/>.</summary>
    public IReadOnlyList<string> Drill { get; init; } = [];

    /// <summary>Tries them until all are tried or the time is over.</summary>
    /// <param name="report">Receives each failure as it is found.</param>
    /// <param name="ct">Ends the soak; what was tried until then counts.</param>
    public async Task<FuzzTally> RunAsync(Action<FuzzFailure>? report, CancellationToken ct)
    {
        var parts = await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => WorkAsync(worker, report, ct), CancellationToken.None)));
        return new FuzzTally(parts.Sum(part => part.Loaded), parts.Sum(part => part.Refused), [.. parts.SelectMany(part => part.Failures).OrderBy(failure => failure.Number)]);
    }

    private async Task<FuzzTally> WorkAsync(int worker, Action<FuzzFailure>? report, CancellationToken ct)
    {
        int loaded = 0, refused = 0, next = worker;
        var failures = new List<FuzzFailure>();
        while (next < Mutations && !ct.IsCancellationRequested)
        {
            using var child = new FuzzProcess(Arguments(next, Workers, Mutations, -1), Silence);
            try
            {
                while (await child.NextAsync(ct) is { } outcome)
                {
                    next = outcome.Number + Workers;
                    if (outcome.Failure is null)
                    {
                        if (outcome.Loaded) loaded++;
                        else refused++;
                        continue;
                    }
                    failures.Add(await ReproduceAsync(outcome, ct));
                    report?.Invoke(failures[^1]);
                    if (child.Current is not null) break;
                }
                if (child.Current is null) break;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                break;
            }
        }
        return new FuzzTally(loaded, refused, failures);
    }

    // One edit after the other is left away as long as the file still fails.
    private async Task<FuzzFailure> ReproduceAsync(FuzzOutcome outcome, CancellationToken ct)
    {
        var mutation = Mutation.Make(FuzzSeed.Find(Folders), Seed, outcome.Number);
        int mask = (1 << mutation.Edits.Count) - 1;
        for (int edit = 0; edit < mutation.Edits.Count && mutation.Edits.Count > 1; edit++)
        {
            int without = mask & ~(1 << edit);
            if (without != 0 && await FailsAsync(outcome.Number, without, ct)) mask = without;
        }
        Directory.CreateDirectory(Reproductions);
        string name = string.Create(CultureInfo.InvariantCulture, $"{Seed}-{outcome.Number}-{Path.GetFileName(Path.GetDirectoryName(mutation.Seed.Path))}-{Path.GetFileName(mutation.Seed.Path)}");
        string path = Path.Combine(Reproductions, name);
        await File.WriteAllBytesAsync(path, mutation.Bytes(mask), CancellationToken.None);
        return new FuzzFailure(outcome.Number, $"{mutation.Seed.Path}: {outcome.Failure}".ReplaceLineEndings(" "), path);
    }

    private async Task<bool> FailsAsync(int number, int mask, CancellationToken ct)
    {
        using var child = new FuzzProcess(Arguments(number, 1, number + 1, mask), Silence);
        return await child.NextAsync(ct) is { Failure: not null };
    }

    private IEnumerable<string> Arguments(int first, int step, int end, int mask) =>
    [
        .. new[] { Seed, first, step, end, mask }.Select(value => value.ToString(CultureInfo.InvariantCulture)), .. Folders.SelectMany(folder => new[] { "--seeds", folder }),
        .. Drill.SelectMany(entry => new[] { "--drill", entry }),
    ];
}
