using System.Text;
using System.Text.Json.Serialization;
using Studio.Core.Generation;
using Studio.Core.Serving;

namespace Studio.Web.Api;

/// <summary>A whole answer.</summary>
/// <param name="Pane">0-based pane.</param>
/// <param name="Text">The answer; empty when it failed before its first token.</param>
/// <param name="Finish">stop, length or error.</param>
/// <param name="Tokens">Tokens generated.</param>
/// <param name="TokensPerSecond">Writing speed of this pane.</param>
/// <param name="Error">Why it failed; null unless <paramref name="Finish"/> is error.</param>
/// <param name="Window">What the context does not hold; absent where it holds everything that was asked for.</param>
/// <param name="Prompt">What was read for it; absent when it failed.</param>
public sealed record ChatAnswer(int Pane, string Text, FinishReason Finish, int Tokens, double TokensPerSecond, string? Error,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ChatWindow? Window = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PromptUse? Prompt = null);

/// <summary>All panes' whole answers.</summary>
/// <param name="Answers">One each, in the order of the panes.</param>
public sealed record ChatAnswers(IReadOnlyList<ChatAnswer> Answers)
{
    /// <summary>Gathers pieces until all answers have ended.</summary>
    public static async Task<ChatAnswers> GatherAsync(IAsyncEnumerable<ChatPiece> pieces, int panes, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var texts = Enumerable.Range(0, panes).Select(_ => new StringBuilder()).ToArray();
        var answers = new ChatAnswer[panes];
        var windows = new ChatWindow?[panes];
        await foreach (var piece in pieces.WithCancellation(ct))
        {
            windows[piece.Pane] ??= piece.Window;
            bool failed = piece.Finish == FinishReason.Error;
            if (!failed) texts[piece.Pane].Append(piece.Text);
            if (piece.Finish is { } finish)
                answers[piece.Pane] = new ChatAnswer(piece.Pane, texts[piece.Pane].ToString(), finish, piece.Tokens, piece.TokensPerSecond, failed ? piece.Text : null, windows[piece.Pane], piece.Prompt);
        }
        return new ChatAnswers(answers);
    }
}
