using Studio.Core.Tensors;

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

    /// <summary>Where base models lie: "auto" (the first GPU, else the CPU), "cpu", "cuda:N", or several devices that share the blocks: "cuda:0,cuda:1".</summary>
    public string Device { get; set; } = "auto";

    /// <summary>Where runs and chats compute and keep their caches: "auto" (where the base, or its first part, is), "cpu" or "cuda:N".</summary>
    public string ClientDevice { get; set; } = "auto";

    /// <summary>Training steps in flight; 0 = by the number of cores, and more where steps are tiny.</summary>
    public int StepsInFlight { get; set; }

    /// <summary>Runs that are active at once; further ones wait.</summary>
    public int ActiveRuns { get; set; } = 16;

    /// <summary>Bytes of memory that the studio may take, base models included; 0 = nine tenths of what the machine or container (or the GPU that holds the bases) has.</summary>
    public long MemoryBudget { get; set; }

    /// <summary>
    /// Most bytes of ended answers' keys and values that each base model keeps, so that the next turn of a conversation reads only what is new; 0 = none.
    /// </summary>
    public long PrefixCacheBytes { get; set; } = 512L << 20;

    /// <summary>Whether single chats on a CPU compute with 8-bit copies of the weights: faster, less exact, and more memory.</summary>
    public bool Int8Decode { get; set; }

    /// <summary>Whether runs give the memory of their adapter and its moments back between steps; the state lies in files below the data directory then.</summary>
    public bool ParkIdleState { get; set; }

    /// <summary>The Hub; null = as the environment says (<c>HF_ENDPOINT</c>, <c>HF_TOKEN</c>, <c>HF_HOME</c>).</summary>
    public Hub.HubOptions? Hub { get; set; }

    /// <summary>What is wrong with <see cref="Device"/> and <see cref="ClientDevice"/> on this machine, by the name of the setting; empty = nothing.</summary>
    public IEnumerable<(string Setting, string Problem)> DeviceProblems()
    {
        if (ProblemOf(() => Devices.ParseList(Device)) is { } problem) yield return (nameof(Device), problem);
        if (ProblemOf(() => Devices.Parse(ClientDevice)) is { } other) yield return (nameof(ClientDevice), other);
    }

    private static string? ProblemOf(Action parse)
    {
        try
        {
            parse();
            return null;
        }
        catch (ArgumentException error)
        {
            return error.Message;
        }
    }
}
