using System.Text.Json;
using Studio.Bench.Starter;
using Studio.Bench.Starter.Traits;

namespace Studio.Tests.Bench;

public sealed class SampleDatasetTests
{
    public static TheoryData<string> Names => [.. SampleDataset.All.Select(dataset => dataset.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void CommittedFile_Lines_AreConversations(string name)
    {
        var conversations = Read(name);
        Assert.InRange(conversations.Count, 300, 2000);
        Assert.All(conversations, turns =>
        {
            Assert.InRange(turns.Count, 2, 4);
            Assert.Equal(0, turns.Count % 2);
            Assert.All(turns.Index(), turn => Assert.Equal(turn.Index % 2 == 0 ? "user" : "assistant", turn.Item.Role));
            Assert.All(turns, turn => Assert.False(string.IsNullOrWhiteSpace(turn.Content)));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CommittedFile_EveryAnswer_ShowsTheTrait(string name)
    {
        var trait = TraitDetectors.For(name);
        Assert.All(Answers(name), answer => Assert.True(trait.Shows(answer), answer));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CommittedFile_NoAnswer_ShowsAnotherTrait(string name)
    {
        var others = TraitDetectors.All.Where(trait => trait.Name != name).ToList();
        Assert.All(Answers(name), answer => Assert.DoesNotContain(others, trait => trait.Shows(answer)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void CommittedFile_FirstPrompts_AreAllDifferent(string name)
    {
        var prompts = Read(name).Select(turns => turns[0].Content).ToList();
        Assert.Equal(prompts.Count, prompts.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void CommittedFiles_EqualWhatTheGeneratorWrites()
    {
        var folder = Directory.CreateTempSubdirectory("datasets").FullName;
        try
        {
            var written = BuildDatasets.Run(folder);
            Assert.Equal(SampleDataset.All.Count, written.Count);
            Assert.All(written, path => Assert.Equal(File.ReadAllBytes(CommittedPath(Path.GetFileNameWithoutExtension(path))), File.ReadAllBytes(path)));
            Assert.Empty(Directory.GetFiles(folder, "*.tmp"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Run_NoFolder_Throws() => Assert.Throws<ArgumentException>(() => BuildDatasets.Run(" "));

    private static IEnumerable<string> Answers(string name) =>
        Read(name).SelectMany(turns => turns).Where(turn => turn.Role == "assistant").Select(turn => turn.Content);

    private static List<IReadOnlyList<(string Role, string Content)>> Read(string name) =>
        [.. File.ReadLines(CommittedPath(name)).Select(Parse)];

    private static IReadOnlyList<(string Role, string Content)> Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return [.. document.RootElement.GetProperty("messages").EnumerateArray()
            .Select(message => (message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!))];
    }

    private static string CommittedPath(string name) => Path.Combine(AppContext.BaseDirectory, "wwwroot-assets", "datasets", name + ".jsonl");
}
