using System.Text.RegularExpressions;
using Studio.Bench.Starter;

namespace Studio.Tests.Bench;

public sealed partial class HeldOutPromptTests
{
    [Fact]
    public void All_Count_IsAtLeastSixty() => Assert.True(HeldOutPrompts.All.Count >= 60);

    [Fact]
    public void All_Prompts_AreDifferentCleanSentences()
    {
        Assert.Equal(HeldOutPrompts.All.Count, HeldOutPrompts.All.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(HeldOutPrompts.All, prompt => Assert.Matches(@"^[A-Z0-9][^\[\]{}|]*[.?!]$", prompt));
    }

    [Fact]
    public void All_Prompts_AreNotInTheSampleDatasets()
    {
        var trained = SampleDataset.All.SelectMany(dataset => dataset.Write()).SelectMany(chat => chat.Messages)
            .Select(message => Plain(message.Content)).ToHashSet();
        Assert.All(HeldOutPrompts.All, prompt => Assert.DoesNotContain(Plain(prompt), trained));
    }

    [Fact]
    public void All_Prompts_AreNotInTheCorpus()
    {
        var trained = StarterCorpus.Generate(1, 20_000).SelectMany(chat => chat.Messages).Select(message => Plain(message.Content)).ToHashSet();
        Assert.All(HeldOutPrompts.All, prompt => Assert.DoesNotContain(Plain(prompt), trained));
    }

    [Fact]
    public void Templates_Wordings_AreNoTemplatesOfTheCorpus()
    {
        var trained = TopicCatalog.PromptTemplates.SelectMany(Template.Expansions).Select(Shape).ToHashSet();
        Assert.All(HeldOutPrompts.Templates.SelectMany(held => Template.Expansions(held.Template)), wording => Assert.DoesNotContain(Shape(wording), trained));
    }

    [Fact]
    public void Templates_Topics_CoverTheWorld()
    {
        var labels = HeldOutPrompts.Templates.Select(held => TopicCatalog.All.Single(topic => topic.Name == held.Topic).Label).Distinct();
        Assert.True(labels.Count() >= 12);
    }

    private static string Plain(string text) => Letters().Replace(text.ToLowerInvariant(), " ").Trim();

    // Two templates that differ only in the names of their slots are the same template.
    private static string Shape(string template) => Plain(Slot().Replace(template, "slot"));

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Letters();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Slot();
}
