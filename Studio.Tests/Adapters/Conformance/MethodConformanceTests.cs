using Studio.Core.Adapters;
using Studio.Core.Models;
using Studio.Core.Training;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Conformance;

/// <summary>What every method promises, whoever wrote it: a registered method is tested here without a line of its own.</summary>
public sealed class MethodConformanceTests : TensorTest
{
    private readonly TestDirectory _folder = new();

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void Initialize_FreshAdapter_AnswersAsTheBaseWhereItPromisesTo(string variant, string name)
    {
        using var model = new FixtureModel(name);
        using var adapter = ConformanceCases.Fresh(variant, model);
        double difference = ConformancePasses.LargestDifference(ConformancePasses.Logits(model, adapter), ConformancePasses.Logits(model, null));
        if (adapter.Spec.StartsAsBase) Assert.InRange(difference, 0, 1e-4);
        else Assert.True(difference > 1e-4, "It starts as the base, and should say so.");
    }

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void Backward_OverTheSplitTape_EqualsOneGraph(string variant, string name)
    {
        using var model = new FixtureModel(name);
        using var adapter = ConformanceCases.Trained(variant, model);
        var split = TestTraining.Split(model, adapter);
        var whole = TestTraining.Whole(model, adapter);
        Assert.Equal(whole.Loss, split.Loss, 1e-5 * Math.Max(1, Math.Abs(whole.Loss)));
        Assert.InRange(TestTraining.RelativeDifference(split, whole), 0, 1e-4);
    }

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void Backward_InDoublePrecision_EqualsFiniteDifferences(string variant, string name)
    {
        using var model = new FixtureModel(name, ScalarType.Float64);
        using var adapter = ConformanceCases.Trained(variant, model, ScalarType.Float64);
        var gradients = TestTraining.Split(model, adapter).Gradients;
        Assert.Contains(gradients.Values, gradient => gradient.Any(value => Math.Abs(value) > 1e-6));
        foreach (string tensor in ConformanceCases.WithTrueGradients(variant, adapter))
        {
            double expected = Math.Sqrt(gradients[tensor].Sum(value => value * value));
            double slope = ConformancePasses.Slope(model, adapter, tensor, gradients[tensor]);
            Assert.True(Math.Abs(slope - expected) <= 1e-4 * expected + 1e-7, $"{tensor}: the loss rises by {slope}, the gradient says {expected}.");
        }
    }

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void Training_SavedAndLoadedInBetween_EqualsUninterrupted(string variant, string name)
    {
        // Sums of gradients by token run over several threads in no fixed order.
        using var thread = new SingleThread();
        using var model = new FixtureModel(name);
        using var uninterrupted = ConformanceCases.Trained(variant, model, distance: 0.01);
        ConformancePasses.Train(model, uninterrupted, new FlatAdamW(new AdamWOptions()), steps: 4);

        using var first = ConformanceCases.Trained(variant, model, distance: 0.01);
        var optimizer = new FlatAdamW(new AdamWOptions());
        ConformancePasses.Train(model, first, optimizer, steps: 2);
        PeftFormat.Save(first, _folder.Root, name);
        using var second = PeftFormat.Load(_folder.Root, model.Site);
        using (no_grad())
        {
            second.Parameters.FirstMoments.copy_(first.Parameters.FirstMoments);
            second.Parameters.SecondMoments.copy_(first.Parameters.SecondMoments);
        }
        ConformancePasses.Train(model, second, optimizer, steps: 2, from: 2);

        Assert.Equal(uninterrupted.Parameters.Values.ToFloats(), second.Parameters.Values.ToFloats());
    }

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void Save_AfterLoading_WritesTheSameBytes(string variant, string name)
    {
        using var model = new FixtureModel(name);
        string first = _folder.File("first"), second = _folder.File("second");
        Directory.CreateDirectory(first);
        Directory.CreateDirectory(second);
        using (var adapter = ConformanceCases.Trained(variant, model)) PeftFormat.Save(adapter, first, name);
        using (var loaded = PeftFormat.Load(first, model.Site)) PeftFormat.Save(loaded, second, name);
        Assert.Equal(Directory.GetFiles(first).Select(Path.GetFileName).Order(), Directory.GetFiles(second).Select(Path.GetFileName).Order());
        foreach (string path in Directory.GetFiles(first)) Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(Path.Combine(second, Path.GetFileName(path))));
    }

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void Logits_LoadedFromFiles_EqualTheSavedAdapters(string variant, string name)
    {
        using var model = new FixtureModel(name);
        using var adapter = ConformanceCases.Trained(variant, model);
        PeftFormat.Save(adapter, _folder.Root, name, forContinuation: false);
        using var loaded = PeftFormat.Load(_folder.Root, model.Site);
        Assert.InRange(ConformancePasses.LargestDifference(ConformancePasses.Logits(model, adapter), ConformancePasses.Logits(model, loaded)), 0, 2e-4);
    }

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void Logits_OfTheBaseAfterAndBesideTheAdapter_AreTheBases(string variant, string name)
    {
        using var model = new FixtureModel(name);
        float[] before = ConformancePasses.Logits(model, null);
        using var adapter = ConformanceCases.Trained(variant, model);
        ConformancePasses.Train(model, adapter, new FlatAdamW(new AdamWOptions()), steps: 1);
        var (beside, plain) = ConformancePasses.SideBySide(model, adapter);

        Assert.Equal(before, ConformancePasses.Logits(model, null));
        Assert.InRange(ConformancePasses.LargestDifference(plain, ConformancePasses.FirstSample(model, null)), 0, 2e-4);
        Assert.InRange(ConformancePasses.LargestDifference(beside, ConformancePasses.FirstSample(model, adapter)), 0, 2e-4);
        Assert.True(ConformancePasses.LargestDifference(beside, plain) > 1e-5, "The adapter changes nothing: the comparison would prove nothing.");
    }

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void Merge_WhereThereIsOne_EqualsTheAdapter(string variant, string name)
    {
        using var model = new FixtureModel(name);
        using var adapter = ConformanceCases.Trained(variant, model);
        var module = model.Modules.All.First(module => module.Kind == ModuleKind.Linear);
        if (adapter.WhyNotMerged is { } reason)
        {
            using var weight = model.Direct.Weight(module.Layer);
            Assert.Equal(reason, Assert.Throws<NotSupportedException>(() => adapter.MergeWeight(module, weight)).Message);
            Assert.Throws<NotSupportedException>(() => adapter.MergeBias(module, null));
            return;
        }
        Assert.InRange(ConformancePasses.LargestDifference(ConformancePasses.MergedLogits(model, adapter), ConformancePasses.Logits(model, adapter)), 0, 5e-4);
    }

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void Training_SameSeed_GivesTheSameLossesAndLearns(string variant, string name)
    {
        using var thread = new SingleThread();
        using var model = new FixtureModel(name);
        using var one = ConformanceCases.Trained(variant, model, distance: 0.01);
        using var two = ConformanceCases.Trained(variant, model, distance: 0.01);
        double[] losses = ConformancePasses.Train(model, one, new FlatAdamW(new AdamWOptions()), steps: 8);
        Assert.Equal(losses, ConformancePasses.Train(model, two, new FlatAdamW(new AdamWOptions()), steps: 8));
        Assert.True(losses.Skip(4).Min() < losses[0], $"The loss does not fall: {string.Join(", ", losses)}");
    }

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void Backward_BlocksRunAgain_IsTheSameToTheLastBit(string variant, string name)
    {
        using var model = new FixtureModel(name);
        using var adapter = ConformanceCases.Trained(variant, model);
        using var thread = new SingleThread();
        TestTraining.WarmUp(model, adapter);
        using Generator first = new(99), second = new(99);
        var whole = TestTraining.Split(model, adapter, random: first);
        var checkpointed = TestTraining.Split(model, adapter, random: second, checkpoints: true);
        Assert.Equal(whole.Loss, checkpointed.Loss);
        foreach (var (tensor, gradient) in whole.Gradients) Assert.Equal(gradient, checkpointed.Gradients[tensor]);
        using Tensor after = first.get_state(), again = second.get_state();
        Assert.Equal(after.data<byte>().ToArray(), again.data<byte>().ToArray());
        Assert.True(checkpointed.TapeEntries < whole.TapeEntries, $"{checkpointed.TapeEntries} entries instead of {whole.TapeEntries}: no block was kept as its input alone.");
    }

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void Training_StepsAbandonedAndRepeated_EqualsUndisturbed(string variant, string name)
    {
        using var model = new FixtureModel(name);
        using var thread = new SingleThread();
        var undisturbed = ConformancePasses.TrainInALoop(model, ConformanceCases.Trained(variant, model, distance: 0.01));
        var disturbed = ConformancePasses.TrainInALoop(model, ConformanceCases.Trained(variant, model, distance: 0.01), abandoned: true);
        Assert.Equal(undisturbed.Length, disturbed.Length);
        Assert.All(undisturbed.Zip(disturbed), pair => Assert.Equal(pair.First, pair.Second, 1e-5 * pair.First));
    }

    [Theory]
    [MemberData(nameof(ConformanceCases.All), MemberType = typeof(ConformanceCases))]
    public void CountParameters_OfTheSettings_IsWhatIsBuilt(string variant, string name)
    {
        using var model = new FixtureModel(name);
        using var adapter = ConformanceCases.Fresh(variant, model);
        Assert.Equal(adapter.Parameters.Count, AdapterMethods.CountParameters(adapter.Spec, model.Modules));
        Assert.Empty(adapter.Spec.Problems(model.Modules));
    }

    protected override void Release() => _folder.Dispose();
}
