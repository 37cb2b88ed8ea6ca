using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Tests.Web.Doubles;

/// <summary>One loaded base model, or none.</summary>
internal sealed class TestModelService : IModelService
{
    public const string ModelId = "base";

    public IReadOnlyList<LoadedModelInfo> Loaded { get; set; } =
    [
        new(new ModelRecord
        {
            Id = ModelId,
            Name = "starter",
            Folder = "/models/starter",
            Fingerprint = "f",
            Family = "llama",
            Parameters = 3_670_000,
            Bytes = 7_340_032,
            ComputeType = "bfloat16",
            ContextLength = 512,
            AddedAt = DateTimeOffset.UnixEpoch,
        }, "cpu", 7_340_032, 2),
    ];

    public IReadOnlyList<string> TargetModules(string modelId) => ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    public Task<ModelRecord> LoadAsync(string folder, string computeType = "auto", CancellationToken ct = default) => Task.FromResult(Loaded[0].Record);

    public Task UnloadAsync(string modelId, CancellationToken ct = default)
    {
        Loaded = [];
        return Task.CompletedTask;
    }
}
