using Studio.Core.Text;

namespace Studio.Core.Serving;

/// <summary>A conversation as a prompt that leaves room for an answer.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Window">What the context does not hold; null where it holds everything that was asked for.</param>
internal sealed record FittedPrompt(IReadOnlyList<int> Ids, ChatWindow? Window)
{
    /// <summary>Fits a conversation into a context.</summary>
    /// <param name="messages">The conversation, its last message the user's.</param>
    /// <param name="encoder">Tokenizer and template.</param>
    /// <param name="context">Tokens of prompt and answer together.</param>
    /// <param name="maxNewTokens">The longest answer that was asked for.</param>
    /// <param name="whenTooLong">What to do with a conversation that is longer.</param>
    /// <exception cref="StudioException">It does not fit; the message has both lengths.</exception>
    public static FittedPrompt Of(IReadOnlyList<ChatMessage> messages, ChatEncoder encoder, int context, int maxNewTokens, TooLong whenTooLong)
    {
        var whole = encoder.EncodeChat(messages, addGenerationPrompt: true);
        var (ids, dropped) = (whole, 0);
        // Without a free part of the context, a long conversation would soon be answered by single words.
        int longest = context - Math.Max(1, Math.Min(maxNewTokens, context / 4));
        if (whenTooLong == TooLong.DropOldest && whole.Count > longest) (ids, dropped) = Shorten(messages, encoder, whole, longest);
        if (ids.Count >= context)
        {
            throw new StudioException(dropped > 0
                ? $"The conversation has {whole.Count} tokens, {ids.Count} of them without its older turns; the model's context holds {context}. Shorten the last message or the system message."
                : $"The conversation has {whole.Count} tokens; the model's context holds {context}. Shorten or clear it.");
        }
        int room = Math.Min(maxNewTokens, context - ids.Count);
        return new FittedPrompt(ids, dropped > 0 || room < maxNewTokens ? new ChatWindow(context, whole.Count, ids.Count, dropped, room) : null);
    }

    // The fewest turns whose absence is enough; all but the last where none is.
    private static (IReadOnlyList<int> Ids, int Dropped) Shorten(IReadOnlyList<ChatMessage> messages, ChatEncoder encoder, IReadOnlyList<int> whole, int longest)
    {
        int first = 0;
        while (first < messages.Count - 1 && messages[first].Role == "system") first++;
        // A prompt may begin where a user speaks: conversations of a template alternate.
        int[] starts = [.. Enumerable.Range(first + 1, messages.Count - first - 1).Where(i => messages[i].Role == "user")];
        var best = (Ids: whole, Dropped: 0);
        for (int low = 0, high = starts.Length - 1; low <= high;)
        {
            int middle = (low + high) / 2;
            var ids = encoder.EncodeChat([.. messages.Take(first), .. messages.Skip(starts[middle])], addGenerationPrompt: true);
            if (ids.Count <= longest) high = middle - 1;
            else low = middle + 1;
            if (ids.Count <= longest || best.Ids.Count > longest) best = (ids, starts[middle] - first);
        }
        return best;
    }
}
