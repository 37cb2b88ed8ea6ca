using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Models;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Execution;
using Studio.Tests.Support;
using Studio.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Clients;

public sealed class SplitTapeTests : TensorTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_LoraOnEveryProjection_EqualsAutograd(bool bias)
    {
        using var model = new TinyModel(bias: bias);
        using var adapter = HookAdapters.Lora(model);
        var split = TestTraining.Split(model, adapter);
        var whole = TestTraining.Whole(model, adapter);
        Assert.Equal(whole.Loss, split.Loss, 1e-6);
        Assert.InRange(TestTraining.RelativeDifference(split, whole), 0, 1e-5);
    }

    [Fact]
    public void Backward_WithDropoutFromTheSameSeed_EqualsAutograd()
    {
        using var model = new TinyModel();
        using var adapter = HookAdapters.Lora(model, new LoraSpec { Rank = 3, Alpha = 6, Dropout = 0.3 });
        using var first = new Generator(99);
        using var second = new Generator(99);
        var split = TestTraining.Split(model, adapter, random: first);
        var whole = TestTraining.Whole(model, adapter, second);
        Assert.InRange(TestTraining.RelativeDifference(split, whole), 0, 1e-5);
        Assert.NotEqual(TestTraining.Loss(model, adapter), split.Loss, 1e-4);
    }

    [Fact]
    public void Backward_AdapterInTheTopBlockAlone_ReplaysNothingBelowIt()
    {
        using var model = new TinyModel(blocks: 6);
        using var all = HookAdapters.Lora(model);
        using var top = HookAdapters.Lora(model, new LoraSpec { Rank = 3, Alpha = 6, Targets = TargetSelection.Everything with { Blocks = [5] } });
        var split = TestTraining.Split(model, top);
        Assert.InRange(TestTraining.RelativeDifference(split, TestTraining.Whole(model, top)), 0, 1e-5);
        int everywhere = TestTraining.Split(model, all).TapeEntries;
        Assert.True(split.TapeEntries * 5 < everywhere, $"{split.TapeEntries} entries for one block of six, {everywhere} for all.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Checkpoint_OfEveryBlock_RecordsTheBlocksAlone(int blocks)
    {
        using var model = new TinyModel(blocks: blocks);
        using var adapter = HookAdapters.Lora(model);
        var (whole, checkpointed) = (TestTraining.Split(model, adapter), TestTraining.Split(model, adapter, checkpoints: true));
        Assert.Equal(whole.Gradients, checkpointed.Gradients);
        // Beside the blocks: the final norm, its cut, and the head.
        Assert.InRange(checkpointed.TapeEntries, blocks, blocks + 3);
    }

    [Fact]
    public void Checkpoint_BlocksBelowTheLowestTrainedTensor_RecordNothing()
    {
        using var model = new TinyModel(blocks: 6);
        using var top = HookAdapters.Lora(model, new LoraSpec { Rank = 3, Alpha = 6, Targets = TargetSelection.Everything with { Blocks = [5] } });
        Assert.InRange(TestTraining.Split(model, top, checkpoints: true).TapeEntries, 1, 4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Checkpoint_BaseFailsWhereABlockRunsAgain_LeavesNoTensorsAndTheGeneratorWhereItWas(bool forward)
    {
        using var model = new TinyModel();
        using var adapter = HookAdapters.Lora(model, new LoraSpec { Rank = 3, Alpha = 6, Dropout = 0.3 });
        using Generator random = new(99), undisturbed = new(99);
        TestTraining.Split(model, adapter, random: undisturbed, checkpoints: true);
        var layers = new InterruptingLayers(model.Direct);
        // Forward: embedding, two blocks of four calls, head. Backward: head, then the last block again, whose second call or whose own first backward fails.
        layers.Interrupt(Interruption.BaseFails, 10 + 1 + (forward ? 2 : 5));
        Assert.Throws<InvalidOperationException>(() => TestTraining.Split(model, adapter, layers, random, checkpoints: true));
        using Tensor found = random.get_state(), expected = undisturbed.get_state();
        Assert.Equal(expected.data<byte>().ToArray(), found.data<byte>().ToArray());
        adapter.Parameters.ReleaseGradients();
    }

    [Fact]
    public void Backward_TensorSharedByAllBlocks_EqualsAutograd()
    {
        using var model = new TinyModel(blocks: 4);
        using var adapter = HookAdapters.Create(nameof(SharedTensorAdapter), model);
        Assert.InRange(TestTraining.RelativeDifference(TestTraining.Split(model, adapter), TestTraining.Whole(model, adapter)), 0, 1e-5);
    }

    [Fact]
    public void Cut_SeveralOutputsOfOneSegment_AreReplayedTogether()
    {
        using var model = new TinyModel();
        using var scope = NewDisposeScope();
        using var tape = new SplitTape(model.Direct);
        var parameter = tensor(new[] { 0.3f, -1.2f, 2f });
        parameter.requires_grad = true;
        var shared = parameter.exp();
        var constant = ones(3);
        var cut = tape.Cut([shared * 2, shared.sin(), constant]);
        Assert.Same(constant, cut[2]);
        Assert.Equal(1, tape.Count);
        (cut[0].sum() + (cut[1] * cut[2]).sum()).backward();
        tape.Backward();

        using var expected = 2 * parameter.exp() + parameter.exp() * parameter.exp().cos();
        Assert.True(parameter.grad!.allclose(expected.detach(), 1e-5, 1e-6));
    }

    [Fact]
    public void Cut_WithoutAGradientBelow_RecordsNothing()
    {
        using var model = new TinyModel();
        using var tape = new SplitTape(model.Direct);
        using var x = ones(2, 3);
        Assert.Same(x, tape.Cut(x));
        Assert.Equal(0, tape.Count);
    }

    [Fact]
    public void Base_InputThatWasNotCut_IsRefused()
    {
        using var model = new TinyModel();
        using var scope = NewDisposeScope();
        using var tape = new SplitTape(model.Direct);
        var leaf = ones(2, model.Config.Hidden);
        leaf.requires_grad = true;
        Assert.Throws<InvalidOperationException>(() => tape.Base(LayerId.Head, leaf * 2));
    }

    [Fact]
    public void Backward_BaseThatFails_LeavesNoTensorsAndAnEmptyTape()
    {
        using var model = new TinyModel();
        using var adapter = HookAdapters.Lora(model);
        var failing = new TestBaseLayers(model.Direct) { FailingBackward = new LayerId(0, BaseProjection.Down) };
        var error = Assert.Throws<InvalidOperationException>(() => TestTraining.Split(model, adapter, failing));
        Assert.Equal("The test base fails.", error.Message);
        adapter.Parameters.ReleaseGradients();
    }

    [Fact]
    public void Forward_BaseThatFails_LeavesNoTensors()
    {
        using var model = new TinyModel();
        using var adapter = HookAdapters.Lora(model);
        var failing = new TestBaseLayers(model.Direct) { FailingForward = new LayerId(1, BaseProjection.GateUp) };
        Assert.Throws<InvalidOperationException>(() => TestTraining.Split(model, adapter, failing));
    }

    [Fact]
    public void Backward_CancelledOnTheWay_StopsAndLeavesNoTensors()
    {
        using var model = new TinyModel();
        using var adapter = HookAdapters.Lora(model);
        using var stop = new CancellationTokenSource();
        var layers = new TestBaseLayers(model.Direct) { OnBackward = layer => { if (layer.Block == 0) stop.Cancel(); } };
        Assert.ThrowsAny<OperationCanceledException>(() => TestTraining.Split(model, adapter, layers, ct: stop.Token));
        adapter.Parameters.ReleaseGradients();
    }
}
