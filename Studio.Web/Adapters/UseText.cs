using Studio.Core.Serving;

namespace Studio.Web.Adapters;

/// <summary>Says what depends on an adapter, and what becomes of it when the adapter goes.</summary>
public static class UseText
{
    private const int Named = 3;

    /// <summary>One sentence for each kind of dependent; none where there is none.</summary>
    /// <param name="uses">What the engine knows.</param>
    /// <param name="panes">Panes of playgrounds that show it.</param>
    public static IReadOnlyList<string> Of(AdapterUses uses, int panes)
    {
        ArgumentNullException.ThrowIfNull(uses);
        var found = new List<string>();
        if (uses.Runs.Count > 0)
            found.Add($"{(uses.Runs.Count == 1 ? "The run" : "The runs")} {List(uses.Runs)} {(uses.Runs.Count == 1 ? "stays" : "stay")}, with curves and log, without an adapter to chat with.");
        if (uses.Children.Count > 0)
            found.Add($"{List(uses.Children)} {(uses.Children.Count == 1 ? "was" : "were")} made from it: {(uses.Children.Count == 1 ? "it stays and loses its" : "they stay and lose their")} parent.");
        if (panes > 0)
            found.Add($"It is open in {(panes == 1 ? "a pane" : $"{panes} panes")} of a playground, which can ask it nothing more.");
        if (uses.Answers > 0)
            found.Add($"{(uses.Answers == 1 ? "An answer is" : $"{uses.Answers} answers are")} being written with it, and will be finished.");
        return found;
    }

    private static string List(IReadOnlyList<AdapterUse> uses) =>
        string.Join(", ", uses.Take(Named).Select(use => $"“{use.Name}”")) + (uses.Count > Named ? $" and {uses.Count - Named} more" : "");
}
