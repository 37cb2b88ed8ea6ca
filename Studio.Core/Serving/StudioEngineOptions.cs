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

    /// <summary>
    /// Most bytes of ended answers' keys and values that each base model keeps, so that the next turn of a conversation reads only what is new; 0 = none.
    /// </summary>
    public long PrefixCacheBytes { get; set; } = 512L << 20;

    /// <summary>Whether single chats on a CPU compute with 8-bit copies of the weights: faster, less exact, and more memory.</summary>
    public bool Int8Decode { get; set; }

    /// <summary>The Hub; null = as the environment says (<c>HF_ENDPOINT</c>, <c>HF_TOKEN</c>, <c>HF_HOME</c>).</summary>
    public Hub.HubOptions? Hub { get; set; }
}
