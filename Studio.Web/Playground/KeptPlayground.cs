using System.Text.Json;
using Studio.Core.Serving;

namespace Studio.Web.Playground;

/// <summary>A turn in a form to keep.</summary>
public sealed record KeptTurn(string Prompt, string Answer, TurnState State, int Tokens, double TokensPerSecond, string? Error, ChatWindow? Window = null, PromptUse? Read = null);

/// <summary>A pane in a form to keep.</summary>
public sealed record KeptPane(string? AdapterId, IReadOnlyList<KeptTurn> Turns);

/// <summary>
/// What the browser's tab keeps of the playground, so that a reload shows it again: settings and conversations. Who answers is in the
/// address, which wins.
/// </summary>
public sealed record KeptPlayground
{
    /// <summary>Characters beyond which conversations are not kept: the text travels to the browser and back in one message.</summary>
    public const int MostCharacters = 200_000;

    private const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    public string ModelId { get; init; } = "";

    public SamplingForm Settings { get; init; } = new();

    public IReadOnlyList<KeptPane> Panes { get; init; } = [];

    /// <summary>The text to keep.</summary>
    public string ToJson()
    {
        var all = JsonSerializer.Serialize(this);
        return all.Length <= MostCharacters ? all : JsonSerializer.Serialize(this with { Panes = [] });
    }

    /// <summary>Reads what was kept; null when there is nothing, or what there is was not written by this version.</summary>
    public static KeptPlayground? Parse(string? json)
    {
        if (string.IsNullOrEmpty(json))
            return null;
        try
        {
            return JsonSerializer.Deserialize<KeptPlayground>(json) is { Version: CurrentVersion, Settings: not null, Panes: not null } kept && kept.Panes.All(IsWhole) ? kept : null;
        }
        catch (JsonException)
        {
            // Anything on this machine may have written there; without it the page is merely empty.
            return null;
        }
    }

    private static bool IsWhole(KeptPane pane) => pane is { Turns: not null } && pane.Turns.All(turn => turn is { Prompt: not null, Answer: not null });
}
