using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Tests.Web.Doubles;

/// <summary>One loaded base model, unless a test says otherwise.</summary>
internal sealed class TestModelService : IModelService
{
    public const string ModelId = "base";

    public IReadOnlyList<LoadedModelInfo> Loaded { get; set; } = [Model(ModelId, "starter", "f")];

    /// <summary>A loaded model.</summary>
    public static LoadedModelInfo Model(string id, string name, string fingerprint) => new(new ModelRecord
    {
        Id = id,
        Name = name,
        Folder = "/models/" + name,
        Fingerprint = fingerprint,
        Family = "llama",
        Parameters = 3_670_000,
        Bytes = 7_340_032,
        ComputeType = "bfloat16",
        ContextLength = 512,
        AddedAt = DateTimeOffset.UnixEpoch,
    }, "cpu", 7_340_032, 2);

    public IReadOnlyList<string> TargetModules(string modelId) => ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    public Task<ModelRecord> LoadAsync(string folder, string computeType = "auto", CancellationToken ct = default) => Task.FromResult(Loaded[0].Record);

    public Task UnloadAsync(string modelId, CancellationToken ct = default)
    {
        Loaded = [];
        return Task.CompletedTask;
    }
}
