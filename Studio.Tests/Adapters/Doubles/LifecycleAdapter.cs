using Studio.Core.Adapters;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Doubles;

/// <summary>AfterBackward freezes the first half of its tensor, AfterStep keeps values within +-1; both are noted.</summary>
internal sealed class LifecycleAdapter(DecoderConfig config) : TestAdapter(new FlatEntry("shift", [config.Hidden]))
{
    public List<string> Events { get; } = [];

    public override bool ChangesOutput(ModuleTarget module) => module.ShortName == "down_proj";

    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass) => y + Value("shift", y);

    public override void AfterBackward(AdapterStep step)
    {
        Events.Add($"backward {step.Step}");
        using var scope = NewDisposeScope();
        var gradient = Parameters.Slice(Parameters.Gradients, "shift");
        gradient.narrow(0, 0, gradient.size(0) / 2).zero_();
    }

    public override void AfterStep(AdapterStep step)
    {
        Events.Add($"step {step.Step}");
        using var scope = NewDisposeScope();
        Parameters.Values.clamp_(-1, 1);
    }
}
