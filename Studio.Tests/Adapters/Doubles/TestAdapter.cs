using Studio.Core.Adapters;
using Studio.Core.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Doubles;

/// <summary>An adapter for tests: named tensors with small random values; each derived double uses one hook.</summary>
internal abstract class TestAdapter(params FlatEntry[] entries) : Adapter
{
    public override AdapterSpec Spec { get; } = new TestSpec();

    public override FlatParameters Parameters { get; } = new(entries, CPU);

    public override void Initialize(Generator random)
    {
        using var grad = no_grad();
        foreach (var entry in Parameters.Entries) Parameters[entry.Name].normal_(0, 0.3, random);
    }

    /// <summary>One of its tensors in the type of the activations.</summary>
    protected Tensor Value(string name, Tensor like) => Parameters[name].to(like.dtype);

    private sealed record TestSpec : AdapterSpec
    {
        public override string Method => "test";

        public override IReadOnlyList<string> Problems() => [];
    }
}
