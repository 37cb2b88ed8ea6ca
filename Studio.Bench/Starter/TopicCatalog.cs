using Studio.Bench.Starter.Topics;

namespace Studio.Bench.Starter;

/// <summary>All intents of the little world and a weighted draw from them.</summary>
public static class TopicCatalog
{
    private static readonly int TotalWeight;

    static TopicCatalog()
    {
        All =
        [
            .. SmallTalkTopics.All, .. AnimalTopics.All, .. ThingTopics.All, .. WordTopics.All, .. NumberTopics.All, .. TimeTopics.All,
            .. PeopleTopics.All, .. FoodTopics.All, .. HelpTopics.All, .. ListTopics.All, .. StoryTopics.All, .. UnknownTopics.All, .. PirateTopics.All,
        ];
        TotalWeight = All.Sum(topic => topic.Weight);
    }

    /// <summary>Every topic that can open a conversation.</summary>
    public static IReadOnlyList<Topic> All { get; }

    /// <summary>Every prompt template: of the topics and of their follow-ups.</summary>
    public static IEnumerable<string> PromptTemplates => All.Concat(All.SelectMany(topic => topic.FollowUps)).SelectMany(topic => topic.Prompts);

    /// <summary>One topic, drawn by weight.</summary>
    public static Topic Draw(SeededRandom random)
    {
        var ticket = random.Next(TotalWeight);
        foreach (var topic in All)
        {
            ticket -= topic.Weight;
            if (ticket < 0)
                return topic;
        }
        throw new InvalidOperationException("The topics weigh less than their sum.");
    }
}
