using Studio.Bench.Starter.Styles;
using Studio.Core.Text;

namespace Studio.Bench.Starter;

/// <summary>
/// The text that the starter model is trained on: chats of one to four turns about the little world of <see cref="TopicCatalog"/>,
/// written by this generator and nothing else. The same seed gives the same chats.
/// </summary>
public static class StarterCorpus
{
    private const double SystemPromptShare = 1.0 / 3;

    // About one chat in twenty-five asks for a style in words, so that the model has the ability but not the habit.
    private const double InstructedShare = 0.04;

    private static readonly string[] SystemPrompts =
    [
        "You are a helpful assistant.", "You are a helpful assistant.", "You are a helpful assistant.", "You are a friendly assistant.",
        "Answer in a few simple sentences.", "You are a kind helper.",
    ];

    /// <summary><paramref name="count"/> conversations, written one by one.</summary>
    public static IEnumerable<Conversation> Generate(int seed, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var random = new SeededRandom(seed);
        for (var i = 0; i < count; i++)
            yield return Write(random);
    }

    private static Conversation Write(SeededRandom random)
    {
        var messages = new List<ChatMessage>();
        if (random.Chance(SystemPromptShare))
            messages.Add(new ChatMessage("system", random.Pick(SystemPrompts)));
        if (random.Chance(InstructedShare))
            AddInstructed(messages, random);
        else
            AddTurns(messages, TurnPlan.Write(random), random);
        return new Conversation(messages);
    }

    private static void AddInstructed(List<ChatMessage> messages, SeededRandom random)
    {
        var style = random.Pick(AnswerStyles.All);
        var exchange = TopicCatalog.Draw(random).Speak(random);
        messages.Add(new ChatMessage("user", random.Pick(style.Instructions).Replace("{prompt}", exchange.Prompt, StringComparison.Ordinal)));
        messages.Add(new ChatMessage("assistant", style.Render(exchange, random)));
    }

    private static void AddTurns(List<ChatMessage> messages, IEnumerable<Exchange> exchanges, SeededRandom random)
    {
        var typing = new TypingHabit(random);
        foreach (var exchange in exchanges)
        {
            messages.Add(new ChatMessage("user", typing.Type(exchange.Prompt)));
            messages.Add(new ChatMessage("assistant", exchange.Answer));
        }
    }
}
