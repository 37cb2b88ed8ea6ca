namespace Studio.Core.Serving;

/// <summary>Settings of the engine.</summary>
public sealed record StudioEngineOptions
{
    /// <summary>Where everything is kept; null = <see cref="Storage.DataDirectory.DefaultLocation"/>.</summary>
    public string? DataDirectory { get; set; }

    /// <summary>Folder of the model that is loaded at start; null or missing = none.</summary>
    public string? StarterModel { get; set; }

    /// <summary>Folder with the sample data sets (*.jsonl) that a new data directory gets; null = none.</summary>
    public string? SampleDatasets { get; set; }

    /// <summary>"auto", "cpu" or "cuda:N".</summary>
    public string Device { get; set; } = "auto";

    /// <summary>Training steps in flight; 0 = by the number of cores.</summary>
    public int StepsInFlight { get; set; }

    /// <summary>Runs that are active at once; further ones wait.</summary>
    public int ActiveRuns { get; set; } = 16;

    /// <summary>Whether runs give the memory of their adapter and its moments back between steps; the state lies in files below the data directory then.</summary>
    public bool ParkIdleState { get; set; }

    /// <summary>The Hub; null = as the environment says (<c>HF_ENDPOINT</c>, <c>HF_TOKEN</c>, <c>HF_HOME</c>).</summary>
    public Hub.HubOptions? Hub { get; set; }
}
