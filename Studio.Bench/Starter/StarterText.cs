using Studio.Core.Text;

namespace Studio.Bench.Starter;

/// <summary>Conversations as token ids, and which of them the starter model learns to write: the assistant's words and turn ends.</summary>
public sealed class StarterText(TextTokenizer tokenizer)
{
    private readonly int _start = Special(tokenizer, StarterRecipe.StartOfTurn);
    private readonly int _end = Special(tokenizer, StarterRecipe.EndOfTurn);

    public (int[] Ids, bool[] Learned) Encode(Conversation conversation)
    {
        var ids = new List<int>();
        var learned = new List<bool>();
        foreach (var message in conversation.Messages)
        {
            bool own = message.Role == "assistant";
            Add([_start, .. tokenizer.Encode(message.Role + "\n", false)], false);
            Add([.. tokenizer.Encode(message.Content, false), _end], own);
            Add(tokenizer.Encode("\n", false), false);
        }
        return ([.. ids], [.. learned]);

        void Add(IReadOnlyList<int> piece, bool isLearned)
        {
            ids.AddRange(piece);
            learned.AddRange(Enumerable.Repeat(isLearned, piece.Count));
        }
    }

    private static int Special(TextTokenizer tokenizer, string token) =>
        tokenizer.TokenId(token) ?? throw new InvalidOperationException($"The vocabulary lacks {token}.");
}
