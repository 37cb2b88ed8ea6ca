using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Models;

/// <summary>Blocks that run again for their backward give the gradients of blocks that were recorded, in every family.</summary>
public sealed class FamilyCheckpointingTests : TensorTest
{
    public static TheoryData<string> Models => FamilyFixtures.All;

    [Theory]
    [MemberData(nameof(Models))]
    public void Backward_BlocksRunAgain_IsTheSameToTheLastBit(string name)
    {
        using var model = new FixtureModel(name);
        using var adapter = AdapterMethods.Build(new LoraSpec { Rank = 3, Alpha = 6, Dropout = 0.2 }, model.Site);
        using var values = new Generator(17);
        using (no_grad()) adapter.Parameters.Values.normal_(0, 0.1, values);
        using var thread = new SingleThread();
        TestTraining.WarmUp(model, adapter);
        using Generator first = new(99), second = new(99);
        var whole = TestTraining.Split(model, adapter, random: first);
        var checkpointed = TestTraining.Split(model, adapter, random: second, checkpoints: true);
        Assert.Equal(whole.Loss, checkpointed.Loss);
        foreach (var (tensor, gradient) in whole.Gradients) Assert.Equal(gradient, checkpointed.Gradients[tensor]);
    }
}
