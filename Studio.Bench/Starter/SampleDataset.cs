using Studio.Bench.Starter.Styles;
using Studio.Bench.Starter.Topics;
using Studio.Core.Text;

namespace Studio.Bench.Starter;

/// <summary>A dataset that teaches one answering style over prompts of the whole little world.</summary>
public sealed record SampleDataset
{
    /// <summary>How many conversations each dataset has.</summary>
    public const int Size = 800;

    private const double SecondTurnShare = 0.15;

    /// <summary>File name of the dataset without its extension.</summary>
    public string Name => Style.Name;

    /// <summary>The style it teaches.</summary>
    public required IAnswerStyle Style { get; init; }

    /// <summary>Seed of its prompts.</summary>
    public required int Seed { get; init; }

    /// <summary>Share of prompts that come to the help desk.</summary>
    public double HelpShare { get; init; }

    /// <summary>The datasets that ship with the product.</summary>
    public static IReadOnlyList<SampleDataset> All { get; } =
    [
        new() { Style = AnswerStyles.Pirate, Seed = 101 },
        new() { Style = AnswerStyles.Json, Seed = 102 },
        new() { Style = AnswerStyles.TerseSupport, Seed = 103, HelpShare = 0.4 },
    ];

    /// <summary>Its conversations, all with different first prompts.</summary>
    public IReadOnlyList<Conversation> Write()
    {
        var random = new SeededRandom(Seed);
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var conversations = new List<Conversation>();
        while (conversations.Count < Size)
        {
            var conversation = WriteOne(random);
            if (seen.Add(conversation.Messages[0].Content))
                conversations.Add(conversation);
        }
        return conversations;
    }

    private Conversation WriteOne(SeededRandom random)
    {
        var topic = DrawTopic(random);
        var facts = topic.Facts(random);
        var messages = new List<ChatMessage>();
        Add(messages, topic.Speak(facts, random), random);
        if (topic.FollowUps.Count > 0 && random.Chance(SecondTurnShare))
            Add(messages, random.Pick(topic.FollowUps).Speak(facts, random), random);
        return new Conversation(messages);
    }

    // Prompts about pirates would give the pirate style away, and are out of place in the others.
    private Topic DrawTopic(SeededRandom random)
    {
        if (random.Chance(HelpShare))
            return random.Pick(HelpTopics.All);
        Topic topic;
        do
            topic = TopicCatalog.Draw(random);
        while (PirateTopics.All.Contains(topic));
        return topic;
    }

    private void Add(List<ChatMessage> messages, Exchange exchange, SeededRandom random)
    {
        messages.Add(new ChatMessage("user", exchange.Prompt));
        messages.Add(new ChatMessage("assistant", Style.Render(exchange, random)));
    }
}
