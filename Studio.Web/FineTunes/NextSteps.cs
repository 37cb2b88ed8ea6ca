using Studio.Core.Runs;
using Studio.Core.Storage;

namespace Studio.Web.FineTunes;

/// <summary>Where a step stands.</summary>
public enum StepStatus
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>Can be done now.</summary>
    Ready,

    /// <summary>Needs an earlier one.</summary>
    Waiting,
}

/// <summary>One step on the way to a first comparison.</summary>
/// <param name="Title">What to do.</param>
/// <param name="Text">Why, or how it stands.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Action">Text of its link.</param>
/// <param name="Path">Address of its link; null where there is nothing to open yet.</param>
public sealed record NextStep(string Title, string Text, StepStatus Status, string Action, string? Path)
{
    /// <summary>Datasets that one click trains on, each in its own run; none for a step that is only a link.</summary>
    public IReadOnlyList<DatasetRecord> Starts { get; init; } = [];
}

/// <summary>Three steps to a first comparison, true for what is there now.</summary>
public static class NextSteps
{
    private const int Wanted = 2;

    /// <summary>The steps.</summary>
    /// <param name="runs">All runs, newest first.</param>
    /// <param name="datasets">All datasets.</param>
    /// <param name="hasModel">Whether a base model is loaded.</param>
    public static IReadOnlyList<NextStep> Of(IReadOnlyList<RunView> runs, IReadOnlyList<DatasetRecord> datasets, bool hasModel)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(datasets);
        return [Start(runs, datasets, hasModel), Chat(runs, hasModel), Compare(runs)];
    }

    private static NextStep Start(IReadOnlyList<RunView> runs, IReadOnlyList<DatasetRecord> datasets, bool hasModel)
    {
        const string Title = "Start two fine-tunes";
        DatasetRecord[] samples = [.. datasets.Where(dataset => dataset.Source == DatasetSource.Sample).OrderBy(dataset => dataset.CreatedAt).ThenBy(dataset => dataset.Id, StringComparer.Ordinal).Take(Wanted)];
        if (runs.Count >= Wanted)
            return new(Title, CountText(runs), StepStatus.Done, "See fine-tunes", "/runs");
        if (!hasModel)
            return new(Title, "No base model is loaded yet. It takes one to train adapters on.", StepStatus.Waiting, "", null);
        if (runs.Count == 1)
            return new(Title, $"{runs[0].Record.Name} is there. Start a second one to have something to compare.", StepStatus.Ready, "Start another", "/runs/new");
        if (samples.Length < Wanted)
            return new(Title, "Pick a dataset and a preset. Two runs share the one base model.", StepStatus.Ready, "Set up a fine-tune", "/runs/new");
        return new(Title, $"Teach the base two manners at once: {samples[0].Name} and {samples[1].Name}. Both share its one copy in memory.", StepStatus.Ready, "Start both sample fine-tunes", "/runs/new") { Starts = samples };
    }

    private static string CountText(IReadOnlyList<RunView> runs)
    {
        var active = runs.Count(run => RunLife.IsActive(run.Record.State));
        if (active == 0)
            return $"{runs.Count} are there; none is in training now.";
        return active == runs.Count ? $"{active} are in training now." : $"{active} in training now, {runs.Count - active} ended.";
    }

    private static NextStep Chat(IReadOnlyList<RunView> runs, bool hasModel)
    {
        var trained = runs.FirstOrDefault(run => run.Record.State is RunState.Running or RunState.Paused) ?? runs.FirstOrDefault(run => run.Record.Step > 0);
        if (trained is not { Record: var record })
        {
            return new("Chat while they train", "Once a run trains, its adapter answers beside the base, as it is at that moment.",
                StepStatus.Waiting, hasModel ? "Try the base alone" : "", hasModel ? "/playground?adapters=base" : null);
        }

        var path = $"/playground?adapters=base,{record.AdapterId}";
        return RunLife.IsActive(record.State)
            ? new("Chat while they train", $"Ask the base and {record.Name} the same question. The adapter answers as it is at step {record.Step}.", StepStatus.Ready, "Chat side by side", path)
            : new("Chat with what you trained", $"Ask the base and {record.Name} the same question and see what the adapter changed.", StepStatus.Ready, "Chat side by side", path);
    }

    private static NextStep Compare(IReadOnlyList<RunView> runs) => runs.Count >= Wanted
        ? new("Compare the runs", $"{runs[1].Record.Name} and {runs[0].Record.Name} on one chart, and only the settings that differ.", StepStatus.Ready, "Compare them",
            CompareState.UriOf([runs[1].Record.Id, runs[0].Record.Id]))
        : new("Compare the runs", "With two runs, both curves share one chart and you see which settings differ.", StepStatus.Waiting, "", null);
}
