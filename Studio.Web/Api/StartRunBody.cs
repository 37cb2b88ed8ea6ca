using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Runs;
using Studio.Core.Training;

namespace Studio.Web.Api;

/// <summary>Body of a request to start a run.</summary>
/// <param name="Name">Name for people; absent = made from the data set's.</param>
/// <param name="ModelId">A loaded base model; absent = the default.</param>
/// <param name="DatasetId">A data set.</param>
/// <param name="Adapter">Settings of the adapter; absent = LoRA with its defaults.</param>
/// <param name="Training">Settings of the training; absent members have their defaults.</param>
public sealed record StartRunBody(string? Name = null, string? ModelId = null, string? DatasetId = null, AdapterSpec? Adapter = null, TrainingSettings? Training = null)
{
    /// <summary>The request for the engine.</summary>
    public RunRequest ToRequest(string modelId) => new()
    {
        Name = Name ?? "",
        ModelId = modelId,
        DatasetId = DatasetId ?? "",
        Adapter = Adapter ?? new LoraSpec(),
        Training = Training ?? new TrainingSettings(),
    };
}
