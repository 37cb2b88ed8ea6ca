using Studio.Core.Training;
using Studio.Tests.Support;
using static Studio.Tests.Training.FlatAdamWTests;
using static TorchSharp.torch;

namespace Studio.Tests.Training;

/// <summary>Apart from the tests that count tensors: TorchSharp's own optimizer leaves one behind for each parameter.</summary>
[Collection(TensorCollection.Name)]
public sealed class TorchAdamWTests
{
    [Fact]
    public void Step_OverManySteps_EqualsTorchsAdamW()
    {
        using var parameters = Make();
        using var scope = NewDisposeScope();
        var reference = parameters.Entries.Select(entry => new TorchSharp.Modules.Parameter(parameters[entry.Name].detach().clone())).ToList();
        using var torchs = optim.AdamW(reference, 1e-2, Options.Beta1, Options.Beta2, Options.Epsilon, Options.WeightDecay);
        var optimizer = new FlatAdamW(Options);
        for (int step = 1; step <= 5; step++)
        {
            Backpropagate(parameters, step);
            foreach (var (entry, parameter) in parameters.Entries.Zip(reference)) parameter.grad = parameters.Slice(parameters.Gradients, entry.Name).clone();
            optimizer.Step(parameters, 1e-2);
            torchs.step();
            parameters.ReleaseGradients();
        }
        foreach (var (entry, parameter) in parameters.Entries.Zip(reference))
        {
            AssertClose(Numbers(parameter), Numbers(parameters[entry.Name]));
            parameter.Dispose();
        }
    }
}
