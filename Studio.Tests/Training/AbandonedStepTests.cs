using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Training;

/// <summary>A step that does not complete has never been: repeated, it is the step of a run that nothing happened to, bit for bit.</summary>
public sealed class AbandonedStepTests : TensorTest
{
    // Two and a half steps are an epoch: steps begin inside and end at, or beyond, the end of one.
    private static readonly TrainingSettings Settings = new() { BatchSize = 2, GradientAccumulation = 2, MaxSteps = 3, Epochs = 50, LearningRate = 1e-2, EvalFraction = 0 };

    private readonly SingleThread _thread = new();
    private readonly TinyModel _model;

    // Not in an initialiser: those run before the leak check begins to count.
    public AbandonedStepTests() => _model = new TinyModel();

    [Theory]
    [InlineData(Interruption.Abandoned, typeof(OperationCanceledException), false)]
    [InlineData(Interruption.BaseFails, typeof(InvalidOperationException), false)]
    [InlineData(Interruption.NotANumber, typeof(NotFiniteNumberException), false)]
    [InlineData(Interruption.Abandoned, typeof(OperationCanceledException), true)]
    public void RunStep_InterruptedAtEveryCallOfEveryStep_GoesOnAsIfUndisturbed(Interruption kind, Type exception, bool checkpointing)
    {
        var settings = Settings with { ActivationCheckpointing = checkpointing };
        Train(settings, (_, _, _) => { }); // TorchScript fuses what it has seen a few times, which changes last bits
        var (undisturbed, calls, end) = Train(settings, (_, _, _) => { });
        int interruptions = 0;
        var (found, _, disturbedEnd) = Train(settings, (loop, layers, instance) =>
        {
            var before = StateOf(instance);
            for (int call = 1; call <= calls[loop.Step]; call++, interruptions++)
            {
                layers.Interrupt(kind, call);
                var thrown = Record.Exception(() => loop.RunStep(layers.Abandoned));
                Assert.IsType(exception, thrown, exactMatch: false);
            }
            Assert.Equal(before, StateOf(instance));
        });

        Assert.Equal(undisturbed, found);
        Assert.Equal(end, disturbedEnd);
        Assert.True(interruptions > 60, $"{interruptions} interruptions in {calls.Count} steps: the steps were not as long as this test needs.");
    }

    [Fact]
    public void RunStep_BlocksRunAgain_IsTheSameRun()
    {
        Train(Settings, (_, _, _) => { });
        var (steps, calls, end) = Train(Settings, (_, _, _) => { });
        var (found, more, sameEnd) = Train(Settings with { ActivationCheckpointing = true }, (_, _, _) => { });
        Assert.Equal(steps, found);
        Assert.Equal(end, sameEnd);
        Assert.All(calls.Zip(more), pair => Assert.True(pair.Second > pair.First));
    }

    protected override void Release()
    {
        _model.Dispose();
        _thread.Dispose();
    }

    private (List<StepReport> Steps, List<int> Calls, float[] End) Train(TrainingSettings settings, Action<FineTuneLoop, InterruptingLayers, AdapterInstance> before)
    {
        using var instance = new AdapterInstance("a", HookAdapters.Lora(_model, new LoraSpec { Rank = 3, Alpha = 6, Dropout = 0.3 }));
        var layers = new InterruptingLayers(_model.Direct);
        using var loop = new FineTuneLoop(_model.Model, layers, instance, TestSamples.Data(TestSamples.Make(9, _model.Config.Vocabulary), settings), settings);
        var (steps, calls) = (new List<StepReport>(), new List<int>());
        while (!loop.IsDone)
        {
            before(loop, layers, instance);
            layers.Interrupt(Interruption.Abandoned, 0);
            steps.Add(loop.RunStep(layers.Abandoned));
            calls.Add(layers.Calls);
        }
        return (steps, calls, StateOf(instance));
    }

    // Values, then both moments where there are some.
    private static float[] StateOf(AdapterInstance instance)
    {
        var parameters = instance.Adapter.Parameters;
        Assert.Equal(0, parameters.GradientBytes);
        Assert.All(parameters.Entries, entry =>
        {
            using var gradient = parameters[entry.Name].grad;
            Assert.Null(gradient);
        });
        float[] values = parameters.Values.ToFloatArray();
        return parameters.MomentBytes == 0 ? values : [.. values, .. parameters.FirstMoments.ToFloatArray(), .. parameters.SecondMoments.ToFloatArray()];
    }
}
