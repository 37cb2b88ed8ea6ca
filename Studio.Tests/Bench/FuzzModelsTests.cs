using System.Text;
using Studio.Bench.Soak.Fuzz;
using Studio.Tests.Storage;
using Studio.Tests.Support;

namespace Studio.Tests.Bench;

/// <summary>The seeded short form of <c>soak fuzz-models</c>, and that it notices what it looks for.</summary>
public sealed class FuzzModelsTests : IDisposable
{
    private readonly TestDirectory _failures = new();

    private static string[] Folders => [Path.Combine(SourceFolder.Root, "models", "starter"), FixtureFolder.Root];

    public void Dispose() => _failures.Dispose();

    [Fact]
    public async Task DamagedModelFolders_LoadOrAreRefused()
    {
        // Ends by itself where the machine is slow: what was tried until then counts.
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(50));
        var tally = await Campaign(1_200, []).RunAsync(null, over.Token);
        Assert.Empty(tally.Failures.Select(failure => $"{failure.What} ({failure.File})"));
        Assert.True(tally.Loaded > 10 && tally.Refused > 10, $"{tally.Loaded} loaded, {tally.Refused} refused");
    }

    [Fact]
    public async Task CrashHangAllocationAndFaults_AreCountedAndLeaveAFile_AndTheRestIsTried()
    {
        var reported = new List<int>();
        var tally = await (Campaign(12, ["1:crash", "2:overflow", "4:hang", "6:memory", "7:heap", "9:fault"]) with { Silence = TimeSpan.FromSeconds(6) })
            .RunAsync(failure => reported.Add(failure.Number), TestContext.Current.CancellationToken);
        Assert.Equal([1, 2, 4, 6, 7, 9], tally.Failures.Select(failure => failure.Number));
        Assert.Equal(reported, tally.Failures.Select(failure => failure.Number));
        Assert.Equal((6, 12), (tally.Loaded + tally.Refused, tally.Mutations));
        string[] wanted = ["the process ended", "the process ended", "no end within", "MB", "OutOfMemoryException", "ArithmeticException"];
        Assert.All(tally.Failures.Zip(wanted), pair => Assert.Contains(pair.Second, pair.First.What, StringComparison.Ordinal));
        Assert.All(tally.Failures, failure => Assert.True(File.Exists(failure.File)));
    }

    [Fact]
    public void Make_SameNumber_GivesTheSameDamage()
    {
        var seeds = FuzzSeed.Find(Folders);
        Assert.Equal(Enum.GetValues<FuzzKind>(), seeds.Select(seed => seed.Kind).Distinct().Order());
        Assert.All(Enumerable.Range(0, 300), number =>
        {
            var (first, again) = (Mutation.Make(seeds, 3, number), Mutation.Make(seeds, 3, number));
            Assert.Equal(first.Bytes(), again.Bytes());
        });
        Assert.NotEqual(Mutation.Make(seeds, 3, 1).Bytes(), Mutation.Make(seeds, 4, 1).Bytes());
    }

    [Theory]
    [InlineData("""{"a": [1, {"b": "x"}], "c": null}""")]
    [InlineData("[[], {}, \"\\u0041\", 1e5]")]
    public void Read_Places_AreWhereTheValuesStand(string json)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        void Check(JsonPlace place)
        {
            string value = Encoding.UTF8.GetString(bytes[place.Start..place.End]);
            using var parsed = System.Text.Json.JsonDocument.Parse(value);
            string name = Encoding.UTF8.GetString(bytes.AsSpan(place.NameStart, place.NameLength));
            if (place.NameLength > 0) Assert.Equal(('"', '"'), (name[0], name[^1]));
            place.Children.ForEach(Check);
        }
        Check(JsonPlace.Read(bytes));
    }

    [Fact]
    public void Apply_EditsOfTheOriginal_LaterOnesFirstAndOverlapsLeftAway() =>
        Assert.Equal("abZeYgh!", Encoding.ASCII.GetString(Splice.Apply("abcdefgh"u8.ToArray(), [new(1, 2, "X"u8.ToArray()), new(8, 0, "!"u8.ToArray()), new(5, 1, "Y"u8.ToArray()), new(2, 2, "Z"u8.ToArray())])));

    private FuzzCampaign Campaign(int mutations, string[] drill) =>
        new() { Folders = Folders, Seed = 7, Mutations = mutations, Reproductions = _failures.File("failures"), Drill = drill };
}
