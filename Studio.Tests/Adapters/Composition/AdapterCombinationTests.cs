using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Composition;
using Studio.Core.Adapters.Methods;
using Studio.Core.Models;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Composition;

public sealed class AdapterCombinationTests : TensorTest
{
    private readonly FixtureModel _model;

    public AdapterCombinationTests() => _model = new FixtureModel("llama");

    [Fact]
    public void Concatenate_DifferentRanksScalesAndTargets_IsExactlyTheWeightedSum()
    {
        using var one = Lora(new LoraSpec { Rank = 3, Alpha = 7, Targets = TargetSelection.Of("q_proj", "down_proj") }, 1);
        using var two = Lora(new LoraSpec { Rank = 4, Alpha = 5, UseRsLora = true, Targets = TargetSelection.Of("q_proj", "v_proj") }, 2);
        using var combined = Combine(CombinationKind.Concatenate, (one, 0.7), (two, -1.2));
        AssertDeltas(combined, module => Delta(one, module) * 0.7 + Delta(two, module) * -1.2, 1e-5);
    }

    [Fact]
    public void Svd_RankThatHoldsTheSum_IsTheWeightedSum()
    {
        using var one = Lora(new LoraSpec { Rank = 3, Alpha = 7, Targets = TargetSelection.Of("q_proj") }, 1);
        using var two = Lora(new LoraSpec { Rank = 4, Alpha = 5, UseRsLora = true, Targets = TargetSelection.Of("q_proj") }, 2);
        using var combined = AdapterCombination.Combine(Request(CombinationKind.Svd, (one, 0.5), (two, 2)) with { Rank = 7 }, _model.Site);
        AssertDeltas(combined, module => Delta(one, module) * 0.5 + Delta(two, module) * 2, 1e-4);
        Assert.Equal(7, ((LoraSpec)combined.Spec).Rank);
    }

    [Fact]
    public void Svd_SmallRank_IsTheNearestOfThatRank()
    {
        using var one = Lora(new LoraSpec { Rank = 6, Alpha = 6, Targets = TargetSelection.Of("q_proj") }, 1);
        using var combined = AdapterCombination.Combine(Request(CombinationKind.Svd, (one, 1)) with { Rank = 2 }, _model.Site);
        var module = _model.Modules.All.First(module => module.ShortName == "q_proj");
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var values = linalg.svdvals(Delta(one, module));
        double lost = (Delta(one, module) - Delta(combined, module)).norm().item<float>();
        Assert.Equal(Math.Sqrt(values.narrow(0, 2, values.size(0) - 2).pow(2).sum().item<float>()), lost, 1e-4);
    }

    [Theory]
    [InlineData(CombinationKind.Linear)]
    [InlineData(CombinationKind.Ties)]
    [InlineData(CombinationKind.MagnitudePrune)]
    [InlineData(CombinationKind.DareLinear)]
    [InlineData(CombinationKind.DareTies)]
    public void FactorKinds_OneMember_AreTheMember(CombinationKind kind)
    {
        using var one = Lora(new LoraSpec { Rank = 4, Alpha = 6, Targets = TargetSelection.Of("q_proj", "o_proj") }, 1);
        using var combined = AdapterCombination.Combine(Request(kind, (one, 1.5)) with { Density = 1 }, _model.Site);
        AssertDeltas(combined, module => Delta(one, module) * 1.5, 1e-4);
    }

    [Fact]
    public void Linear_TwoMembers_AddsFactorsWithRootsOfWeightTimesScale()
    {
        using var one = Lora(new LoraSpec { Rank = 4, Alpha = 6, Targets = TargetSelection.Of("q_proj") }, 1);
        using var two = Lora(new LoraSpec { Rank = 4, Alpha = 16, Targets = TargetSelection.Of("q_proj") }, 2);
        using var combined = Combine(CombinationKind.Linear, (one, 0.5), (two, 2));
        AssertDeltas(combined, module =>
        {
            var (a1, b1, s1) = ((ILowRankUpdate)one).FactorsOf(module);
            var (a2, b2, s2) = ((ILowRankUpdate)two).FactorsOf(module);
            double r1 = Math.Sqrt(0.5 * s1), r2 = Math.Sqrt(2 * s2);
            return (b1 * r1 + b2 * r2).matmul(a1 * r1 + a2 * r2);
        }, 1e-4);
    }

    [Theory]
    [InlineData(SignElection.Total)]
    [InlineData(SignElection.Frequency)]
    public void Ties_SmallTensors_FollowThePaper(SignElection election)
    {
        using var scope = NewDisposeScope();
        Tensor[] tensors = [tensor(new[] { 4f, -3f, 1f, 0.5f }), tensor(new[] { -1f, -5f, 2f, 0.2f }), tensor(new[] { -2f, 6f, -0.1f, 3f })];
        double[] weights = [1, 2, 0.5];
        float[] expected = new float[4];
        // Keep the two largest of four, elect the sign per place, average what agrees.
        float[][] kept = [[4, -3, 0, 0], [0, -5, 2, 0], [0, 6, 0, 3]];
        for (int place = 0; place < 4; place++)
        {
            float balance = election == SignElection.Total ? kept.Sum(t => t[place]) : kept.Sum(t => Math.Sign(t[place]));
            int sign = balance >= 0 ? 1 : -1;
            var agreeing = Enumerable.Range(0, 3).Where(i => Math.Sign(kept[i][place]) == sign).ToList();
            expected[place] = agreeing.Count == 0 ? 0 : (float)agreeing.Sum(i => kept[i][place] * weights[i]) / agreeing.Count;
        }
        var found = CombinationMath.SumOfMajority([.. tensors.Select(t => CombinationMath.KeepLargest(t, 0.5))], weights, election);
        Assert.Equal(expected, found.data<float>().ToArray());
    }

    [Fact]
    public void KeepAtRandom_ManyValues_KeepsTheMeanAndDropsTheRest()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var dropped = CombinationMath.KeepAtRandom(ones(10_000), 0.25, random);
        Assert.InRange(dropped.mean().item<float>(), 0.93, 1.07);
        Assert.Equal([0f, 4f], dropped.unique().output.data<float>().ToArray());
    }

    [Fact]
    public void Combine_WhatAKindCannotExpress_IsRefusedWithTheReason()
    {
        using var one = Lora(new LoraSpec { Rank = 3, Targets = TargetSelection.Of("q_proj") }, 1);
        using var two = Lora(new LoraSpec { Rank = 4, Targets = TargetSelection.Of("q_proj") }, 2);
        using var saving = Lora(new LoraSpec { Rank = 3, Targets = TargetSelection.Of("q_proj"), ModulesToSave = ["lm_head"] }, 3);
        Assert.Contains("The ranks are 3, 4", Refusal(CombinationKind.Linear, (one, 1), (two, 1)), StringComparison.Ordinal);
        Assert.Contains("A weight is negative", Refusal(CombinationKind.Ties, (one, -1)), StringComparison.Ordinal);
        Assert.Contains("trains whole modules (lm_head)", Refusal(CombinationKind.Svd, (saving, 1)), StringComparison.Ordinal);
        Assert.Contains("A weight is NaN", Refusal(CombinationKind.Svd, (one, double.NaN)), StringComparison.Ordinal);
        Assert.Contains("Density is 0", Assert.Throws<StudioException>(() => AdapterCombination.Combine(Request(CombinationKind.TiesSvd, (one, 1)) with { Density = 0 }, _model.Site)).Message, StringComparison.Ordinal);
        Assert.Contains("empty", Refusal(CombinationKind.Concatenate), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CombinationKind.Concatenate)]
    [InlineData(CombinationKind.Svd)]
    public void Problems_AnAdapterOnExperts_AreItsExperts(CombinationKind kind)
    {
        using var model = new FixtureModel("mixtral");
        using var adapter = AdapterMethods.Build(new LoraSpec { Rank = 2, Targets = TargetSelection.Of("q_proj"), TargetParameters = ["mlp.experts.down_proj"] }, model.Site);
        Assert.Contains("experts of a mixture (mlp.experts.down_proj)", Assert.Single(AdapterCombination.Problems(Request(kind, (adapter, 1)))), StringComparison.Ordinal);
    }

    protected override void Release() => _model.Dispose();

    private IAdapter Lora(LoraSpec spec, ulong seed)
    {
        var adapter = AdapterMethods.Build(spec, _model.Site);
        using var scope = NewDisposeScope();
        using var random = new Generator(seed);
        adapter.Initialize(random);
        using var grad = no_grad();
        adapter.Parameters.Values.add_(randn([adapter.Parameters.Count], generator: random) * 0.3);
        return adapter;
    }

    private static CombinationRequest Request(CombinationKind kind, params (IAdapter Adapter, double Weight)[] members) =>
        new() { Kind = kind, Members = [.. members.Select(member => new BlendMember(member.Adapter, member.Weight))] };

    private IAdapter Combine(CombinationKind kind, params (IAdapter Adapter, double Weight)[] members) => AdapterCombination.Combine(Request(kind, members), _model.Site);

    private string Refusal(CombinationKind kind, params (IAdapter Adapter, double Weight)[] members) => Assert.Throws<StudioException>(() => Combine(kind, members)).Message;

    private void AssertDeltas(IAdapter combined, Func<ModuleTarget, Tensor> expected, double tolerance)
    {
        foreach (var module in _model.Modules.All.Where(module => module.Kind == ModuleKind.Linear))
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            if (!combined.ChangesOutput(module)) continue;
            Assert.InRange((Delta(combined, module) - expected(module)).abs().max().item<float>(), 0, tolerance);
        }
        Assert.Contains(_model.Modules.All, combined.ChangesOutput);
    }

    private Tensor Delta(IAdapter adapter, ModuleTarget module)
    {
        using var grad = no_grad();
        var weight = _model.Direct.Weight(module.Layer);
        return adapter.MergeWeight(module, weight) - weight;
    }
}
