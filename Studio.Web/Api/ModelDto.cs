using Studio.Core.Execution;
using Studio.Core.Serving;

namespace Studio.Web.Api;

/// <summary>A base model in memory.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Name for people.</param>
/// <param name="Folder">Its folder on the studio's machine.</param>
/// <param name="Fingerprint">Of its weights; adapters and runs are bound to it.</param>
/// <param name="Family">Model family, such as llama.</param>
/// <param name="Parameters">Number of parameters.</param>
/// <param name="ComputeType">float32 or bfloat16.</param>
/// <param name="ContextLength">Longest sequence, tokens.</param>
/// <param name="TargetModules">Names of the modules that an adapter may target.</param>
/// <param name="Device">Where it is, such as cpu.</param>
/// <param name="LoadedBytes">Bytes of its one copy.</param>
/// <param name="Clients">Runs and chats that use it now.</param>
public sealed record ModelDto(string Id, string Name, string Folder, string Fingerprint, string Family, long Parameters, string ComputeType, int ContextLength,
    IReadOnlyList<string> TargetModules, string Device, long LoadedBytes, int Clients)
{
    /// <summary>From what the service tells.</summary>
    public static ModelDto Of(LoadedModelInfo model, IModelService models)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(models);
        var record = model.Record;
        return new(record.Id, record.Name, record.Folder, record.Fingerprint, record.Family, record.Parameters, record.ComputeType, record.ContextLength,
            models.TargetModules(record.Id), model.Device, model.LoadedBytes, model.Clients);
    }
}

/// <summary>Body of a request to load a model.</summary>
/// <param name="Folder">Absolute path of the folder.</param>
/// <param name="ComputeType">auto (default), float32 or bfloat16.</param>
public sealed record LoadModelBody(string? Folder = null, string? ComputeType = null);

/// <summary>Body of a request to load a known model.</summary>
/// <param name="ComputeType">auto, float32 or bfloat16; absent = as the last time.</param>
public sealed record LoadKnownBody(string? ComputeType = null);

/// <summary>Body of a request to choose a batching policy.</summary>
/// <param name="Policy">none, opportunistic or lockstep.</param>
public sealed record PolicyBody(BatchingPolicy? Policy = null);
