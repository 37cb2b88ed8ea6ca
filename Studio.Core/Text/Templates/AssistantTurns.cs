using Studio.Core.Text.Jinja;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Templates;

/// <summary>
/// Finds what the assistant says in the output of a template that does not mark it. A turn starts where the conversation before it, rendered with
/// its generation prompt, ends: exactly where generation will start. It ends with the token that generation stops at.
/// </summary>
internal sealed class AssistantTurns(Func<IReadOnlyList<ChatMessage>, bool, JinjaRendering> render, IReadOnlyCollection<string> turnEnds)
{
    /// <summary>The stretches [start, end) of the text that a fine-tune learns to write, in order.</summary>
    public IReadOnlyList<(int Start, int End)> Find(IReadOnlyList<ChatMessage> messages, JinjaRendering rendering)
    {
        var turns = new List<(int Start, int End)>();
        for (int i = 0; i < messages.Count; i++)
        {
            if (messages[i].Role != "assistant") continue;
            var own = Own(rendering, i);
            int start = Start(messages, i, rendering, own);
            if (start < 0) continue;
            int end = Math.Max(start, own.End);
            end += Closing(messages, i, rendering.Text, start, end, hasOwn: own.End > 0);
            if (turns.Count > 0) start = Math.Max(start, turns[^1].End);
            if (end > start) turns.Add((start, end));
        }

        return turns;
    }

    /// <summary>The rendered text in pieces, with those stretches trained.</summary>
    public static RenderedChat Pieces(JinjaRendering rendering, IReadOnlyList<(int Start, int End)> trained)
    {
        var pieces = new List<RenderedPiece>();
        int at = 0, turn = 0;
        foreach (var run in rendering.Runs)
        {
            int end = at + run.Length;
            while (at < end)
            {
                while (turn < trained.Count && trained[turn].End <= at) turn++;
                bool inside = turn < trained.Count && trained[turn].Start <= at;
                int next = turn >= trained.Count ? end : Math.Min(end, inside ? trained[turn].End : trained[turn].Start);
                pieces.Add(new RenderedPiece(rendering.Text[at..next], inside, Origins.Source(run.Origin) == Origins.Template));
                at = next;
            }
        }

        return new RenderedChat(pieces);
    }

    private int Start(IReadOnlyList<ChatMessage> messages, int index, JinjaRendering rendering, (int Start, int End) own)
    {
        if (TryRender(messages, index, true) is not { } prompt || !rendering.Text.StartsWith(prompt.Text, StringComparison.Ordinal)) return own.Start;
        return own.Start >= 0 ? Math.Min(own.Start, prompt.Text.Length) : prompt.Text.Length;
    }

    /// <summary>How many characters after a turn's words belong to it: those up to its end token that follow it whatever comes next.</summary>
    private int Closing(IReadOnlyList<ChatMessage> messages, int index, string text, int start, int end, bool hasOwn)
    {
        if (TryRender(messages, index + 1, false) is not { } alone) return 0;
        int from = hasOwn ? Own(alone, index).End : alone.Text.AsSpan(0, Math.Min(start, alone.Text.Length)).SequenceEqual(text.AsSpan(0, start)) ? start : -1;
        if (from < 0 || from > alone.Text.Length) return 0;
        var common = text.AsSpan(end, text.AsSpan(end).CommonPrefixLength(alone.Text.AsSpan(from)));
        int best = -1;
        foreach (string token in turnEnds)
            if (token.Length > 0 && common.IndexOf(token, StringComparison.Ordinal) is >= 0 and var at && (best < 0 || at + token.Length < best)) best = at + token.Length;
        return best >= 0 ? best : common.TrimEnd().Length;
    }

    /// <summary>From the first to behind the last character that came from a message; (-1, 0) where none did.</summary>
    private static (int Start, int End) Own(JinjaRendering rendering, int index)
    {
        int at = 0, start = -1, end = 0;
        foreach (var run in rendering.Runs)
        {
            if (Origins.Source(run.Origin) == Origins.Message(index)) (start, end) = (start < 0 ? at : start, at + run.Length);
            at += run.Length;
        }

        return (start, end);
    }

    /// <summary>The conversation up to a message; null where the template refuses to end there.</summary>
    private JinjaRendering? TryRender(IReadOnlyList<ChatMessage> messages, int count, bool prompt)
    {
        try
        {
            return render([.. messages.Take(count)], prompt);
        }
        catch (JinjaException)
        {
            // A template may require that turns alternate or that a system message comes first: then the words themselves mark the turn.
            return null;
        }
    }
}
