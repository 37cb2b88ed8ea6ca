using Studio.Bench.Starter.Topics;

namespace Studio.Bench.Starter;

/// <summary>Decides which exchanges make up a chat: what opens it, what is asked on, what is remembered, how it ends.</summary>
public static class TurnPlan
{
    private const int MaxTurns = 4;

    /// <summary>One to four exchanges that belong to one chat.</summary>
    public static IReadOnlyList<Exchange> Write(SeededRandom random)
    {
        var exchanges = new List<Exchange>();
        if (random.Chance(0.06))
            exchanges.Add(SmallTalkTopics.Greeting.Speak(random));

        var topic = TopicCatalog.Draw(random);
        var facts = topic.Facts(random);
        exchanges.Add(topic.Speak(facts, random));

        // What the user told is asked for again, often after a turn about something else.
        if (topic.Remembered && random.Chance(0.4))
            exchanges.Add(Other(topic, random));
        if (topic.FollowUps.Count > 0 && random.Chance(topic.Remembered ? 0.75 : 0.35))
            exchanges.Add(random.Pick(topic.FollowUps).Speak(facts, random));

        while (exchanges.Count < MaxTurns && random.Chance(0.22))
            exchanges.Add(Other(topic, random));
        if (exchanges.Count is > 1 and < MaxTurns && random.Chance(0.15))
            exchanges.Add(random.Pick<Topic>([SmallTalkTopics.Thanks, SmallTalkTopics.Goodbye]).Speak(random));
        return exchanges;
    }

    // Another name, pet or hobby in the same chat would make the memory ambiguous.
    private static Exchange Other(Topic first, SeededRandom random)
    {
        Topic topic;
        do
            topic = TopicCatalog.Draw(random);
        while (topic == first || (first.Remembered && topic.Remembered));
        return topic.Speak(random);
    }
}
