using Microsoft.AspNetCore.Components;
using Studio.Web.Formatting;
using Studio.Web.Playground;

namespace Studio.Web.Components.Playground;

/// <summary>A question and its answer, as plain text. It renders again only when the turn went on.</summary>
public sealed partial class TurnView
{
    private (ChatTurn Turn, int Version, string? TestId) _shown;

    /// <summary>The turn.</summary>
    [Parameter, EditorRequired] public required ChatTurn Turn { get; set; }

    /// <summary>How the test ids of its parts begin; only the latest turn of a pane has them. Default: none.</summary>
    [Parameter] public string? TestId { get; set; }

    private string Figures
    {
        get
        {
            if (Turn.Tokens == 0)
                return Turn.State == TurnState.Stopped ? "Stopped" : "";
            var speed = Turn.TokensPerSecond > 0 ? $" · {NumberText.Significant(Turn.TokensPerSecond, 3)} tokens/s" : "";
            var end = Turn.State switch
            {
                TurnState.CutOff => " · cut off: longest answer or context reached",
                TurnState.Stopped => " · stopped",
                _ => "",
            };
            var reused = Turn.Read is { CachedTokens: > 0 } read ? $" · reused {NumberText.Count(read.CachedTokens)} of {NumberText.Count(read.Tokens)} prompt tokens" : "";
            return $"{NumberText.Count(Turn.Tokens)} {(Turn.Tokens == 1 ? "token" : "tokens")}{speed}{reused}{end}";
        }
    }

    protected override bool ShouldRender()
    {
        var now = (Turn, Turn.Version, TestId);
        if (_shown == now)
            return false;
        _shown = now;
        return true;
    }

    private string? IdOf(string part) => TestId is null ? null : $"{TestId}-{part}";
}
