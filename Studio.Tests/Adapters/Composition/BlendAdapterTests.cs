using Studio.Core.Adapters;
using Studio.Core.Adapters.Composition;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Adapters.Conformance;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Composition;

/// <summary>Blends in activation space, of real methods and of the doubles of every hook.</summary>
public sealed class BlendAdapterTests : TensorTest
{
    private readonly TinyModel _model;

    public BlendAdapterTests() => _model = new TinyModel();

    [Theory]
    [MemberData(nameof(HookAdapters.Names), MemberType = typeof(HookAdapters))]
    public void Blend_OneMemberOfWeightOne_IsTheMember(string hook)
    {
        using var adapter = HookAdapters.Create(hook, _model);
        using var blend = Blend(1, (adapter, 1));
        Assert.InRange(ConformancePasses.LargestDifference(ConformancePasses.Logits(_model, blend), ConformancePasses.Logits(_model, adapter)), 0, 1e-4);
    }

    [Theory]
    [MemberData(nameof(HookAdapters.Names), MemberType = typeof(HookAdapters))]
    public void Blend_OneMemberOfWeightZero_IsTheBase(string hook)
    {
        using var adapter = HookAdapters.Create(hook, _model);
        using var blend = Blend(1, (adapter, 0));
        Assert.InRange(ConformancePasses.LargestDifference(ConformancePasses.Logits(_model, blend), ConformancePasses.Logits(_model, null)), 0, 1e-5);
    }

    [Fact]
    public void Blend_TwoLoras_IsTheWeightedSumOfTheirChanges()
    {
        using var one = HookAdapters.Lora(_model, seed: 3);
        using var two = HookAdapters.Lora(_model, new LoraSpec { Rank = 5, Alpha = 3, UseRsLora = true }, seed: 9);
        using var blend = Blend(1, (one, 0.4), (two, 1.3));
        using var sum = AdapterCombination.Combine(new CombinationRequest { Members = [new(one, 0.4), new(two, 1.3)] }, _model.Site);
        Assert.InRange(ConformancePasses.LargestDifference(ConformancePasses.Logits(_model, blend), ConformancePasses.Logits(_model, sum)), 0, 1e-4);
    }

    [Fact]
    public void Blend_InputAndOutputMethods_DoNotSeeEachOther()
    {
        using var input = HookAdapters.Create(nameof(InputScaleAdapter), _model);
        using var lora = HookAdapters.Lora(_model, new LoraSpec { Rank = 2, Targets = TargetSelection.Of("q_proj") });
        var module = _model.Modules.All.First(module => module.ShortName == "q_proj");
        using var blend = Blend(1, (input, 0.5), (lora, 2));
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var random = new Generator(4);
        var pass = new AdapterPass(false, null, cut: t => t);
        blend.BeginPass(pass);
        var x = randn([3, _model.Config.Hidden], generator: random);
        var y = _model.Direct.Forward(module.Layer, x);
        var own = new AdapterPass(false, null, cut: t => t);
        var expected = y + (_model.Direct.Forward(module.Layer, input.TransformInput(module, x, own)) - y) * 0.5 + (lora.ChangeOutput(module, x, y, own) - y) * 2;
        Assert.InRange((blend.ChangeOutput(module, x, y, pass) - expected).abs().max().item<float>(), 0, 1e-5);
    }

    [Fact]
    public void Blend_ShareOfTheBase_ScalesItsOutputWhereAnAdapterActs()
    {
        using var lora = HookAdapters.Lora(_model, new LoraSpec { Rank = 2, Targets = TargetSelection.Of("q_proj") });
        var module = _model.Modules.All.First(module => module.ShortName == "q_proj");
        using var blend = Blend(0.25, (lora, 1));
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var pass = new AdapterPass(false, null, cut: t => t);
        blend.BeginPass(pass);
        var x = ones(2, _model.Config.Hidden);
        var y = _model.Direct.Forward(module.Layer, x);
        var expected = y * 0.25 + (lora.ChangeOutput(module, x, y, pass) - y);
        Assert.InRange((blend.ChangeOutput(module, x, y, pass) - expected).abs().max().item<float>(), 0, 1e-5);
        Assert.False(blend.ChangesOutput(_model.Modules.All.First(other => other.ShortName == "k_proj")));
    }

    [Fact]
    public void Blend_WhatCannotBeBlended_IsRefused()
    {
        using var lora = HookAdapters.Lora(_model);
        Assert.Contains("expected at least one adapter", Assert.Throws<ArgumentException>(() => Blend(1)).Message, StringComparison.Ordinal);
        Assert.Contains("A weight is NaN", Assert.Throws<ArgumentException>(() => Blend(1, (lora, double.NaN))).Message, StringComparison.Ordinal);
        Assert.Contains("The share of the base is -1", Assert.Throws<ArgumentException>(() => Blend(-1, (lora, 1))).Message, StringComparison.Ordinal);
    }

    protected override void Release() => _model.Dispose();

    private BlendAdapter Blend(double share, params (IAdapter Adapter, double Weight)[] members) =>
        new([.. members.Select(member => new BlendMember(member.Adapter, member.Weight))], share, _model.Site);
}
