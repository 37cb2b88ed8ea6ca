using Studio.Core.Adapters;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Verify;

/// <summary>
/// Adds a trainable zero to the embedding's output: its gradient is the loss's gradient at the embeddings, carried backwards across every
/// frozen layer.
/// </summary>
internal sealed class EmbeddingProbe(int rows, int hidden) : Adapter
{
    public const string Offset = "offset";

    public override AdapterSpec Spec => throw new NotSupportedException("The embedding probe is not an adapter that can be saved.");

    public override FlatParameters Parameters { get; } = new([new FlatEntry(Offset, [rows, hidden])], CPU);

    public override void Initialize(Generator random)
    {
    }

    public override bool ChangesOutput(ModuleTarget module) => module.Kind == ModuleKind.Embedding;

    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass) => y + Parameters[Offset];
}
