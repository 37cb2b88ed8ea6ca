using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Models;

/// <summary>What a model is built of, one fact a line.</summary>
public sealed partial class ArchitectureCard
{
    /// <summary>The model.</summary>
    [Parameter, EditorRequired] public required ModelDetails Details { get; set; }

    private IEnumerable<(string Label, string Value)> Facts
    {
        get
        {
            var record = Details.Model.Record;
            yield return ("Weights", record.Fingerprint);
            if (record.HubCommit is { } commit)
                yield return ("Commit", commit);
            if (Details.Architecture is not { } model)
                yield break;
            yield return ("Family", model.Family);
            yield return ("Layers", NumberText.Count(model.Layers));
            yield return ("Hidden size", NumberText.Count(model.Hidden));
            yield return ("Heads", $"{NumberText.Count(model.Heads)} of {NumberText.Count(model.HeadWidth)}");
            yield return ("Key/value heads", NumberText.Count(model.KeyValueHeads));
            yield return ("MLP width", NumberText.Count(model.MlpWidth));
            if (model.Experts > 0)
                yield return ("Experts", $"{NumberText.Count(model.Experts)}, {NumberText.Count(model.ExpertsPerToken)} per token");
            yield return ("Vocabulary", NumberText.Count(model.Vocabulary));
            yield return ("Positions", model.Positions);
            if (model.Window > 0)
                yield return ("Sliding window", $"{NumberText.Count(model.Window)} tokens");
            yield return ("Stored as", model.StoredType);
            yield return ("Head", model.TiedHead ? "The embedding" : "Its own");
        }
    }
}
