using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Composition;
using Studio.Core.Adapters.Methods;
using Studio.Core.Serving;
using Studio.Core.Storage;
using static TorchSharp.torch;

namespace Studio.Tests.Serving;

/// <summary>What adapters become: exports, combinations and merged models, each read back.</summary>
public sealed class AdapterCompositionTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CombineAsync_Concatenated_AnswersAsTheBlend()
    {
        await using var rig = await ServingRig.CreateAsync();
        var (one, two) = (await ChangedAsync(rig, new LoraSpec { Rank = 4 }, 1), await ChangedAsync(rig, new LoraSpec { Rank = 2, UseRsLora = true }, 2));
        var combined = await rig.Adapters.CombineAsync(new CombineAdapters { Name = "Both", Members = [new(one.Id, 0.5), new(two.Id, -0.25)] }, Ct);
        Assert.InRange(combined.Difference.Relative, 0, 0.05);
        Assert.Equal((AdapterSource.Combination, one.Id), (combined.Adapter.Source, combined.Adapter.ParentId));
        Assert.Contains($"{one.Name} × 0.5, {two.Name} × -0.25", combined.Adapter.Notes, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(rig.AdapterFolder(combined.Adapter.Id), PeftFormat.WeightsFile)));
    }

    [Fact]
    public async Task CombineAsync_OtherMethods_TakeAKindOverSingularValuesAndAreRefusedElsewhere()
    {
        await using var rig = await ServingRig.CreateAsync();
        var (lora, ia3) = (await ChangedAsync(rig, new LoraSpec { Rank = 4 }, 1), await ChangedAsync(rig, new Ia3Spec(), 2));
        var refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.CombineAsync(new CombineAdapters { Name = "Both", Members = [new(lora.Id), new(ia3.Id)] }, Ct));
        Assert.Contains("Use a kind over singular values", refusal.Message, StringComparison.Ordinal);
        var combined = await rig.Adapters.CombineAsync(new CombineAdapters { Name = "Both", Members = [new(lora.Id), new(ia3.Id)], Kind = CombinationKind.Svd, Rank = 256 }, Ct);
        Assert.InRange(combined.Difference.Relative, 0, 0.05);
    }

    [Fact]
    public async Task CombineAsync_WhatIsWrong_IsSaidAndNothingIsLeft()
    {
        await using var rig = await ServingRig.CreateAsync();
        var one = await ChangedAsync(rig, new LoraSpec { Rank = 4 }, 1);
        await Assert.ThrowsAsync<NotFoundException>(() => rig.Adapters.CombineAsync(new CombineAdapters { Name = "x", Members = [new("gone")] }, Ct));
        Assert.Contains("2 times", (await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.CombineAsync(new CombineAdapters { Name = "x", Members = [new(one.Id), new(one.Id)] }, Ct))).Message, StringComparison.Ordinal);
        Assert.Contains("Density", (await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.CombineAsync(new CombineAdapters { Name = "x", Members = [new(one.Id)], Kind = CombinationKind.TiesSvd, Density = 2 }, Ct))).Message, StringComparison.Ordinal);
        Assert.Equal([one.Id], (await rig.Adapters.ListAsync(Ct)).Select(adapter => adapter.Id));
        Assert.Equal([one.Id], Directory.GetDirectories(Path.GetDirectoryName(rig.AdapterFolder(one.Id))!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task MergeAsync_Lora_BecomesAModelThatLoadsAndAnswersTheSame()
    {
        await using var rig = await ServingRig.CreateAsync();
        var adapter = await ChangedAsync(rig, new LoraSpec { Rank = 4 }, 1);
        var progress = new List<double>();
        var merged = await rig.Adapters.MergeAsync(adapter.Id, "Merged", new Reports(progress), Ct);
        Assert.Equal("Merged", merged.Model.Name);
        Assert.InRange(merged.Difference.Relative, 0, 0.1);
        Assert.NotEmpty(progress);
        Assert.NotEqual(adapter.BaseFingerprint, merged.Model.Fingerprint);
        var loaded = await rig.Models.LoadKnownAsync(merged.Model.Id, ct: Ct);
        Assert.Equal(merged.Model.Fingerprint, loaded.Fingerprint);
    }

    [Fact]
    public async Task MergeAsync_UntrainedAdapter_IsRefusedBecauseItWouldBeTheBase()
    {
        await using var rig = await ServingRig.CreateAsync();
        var model = await rig.Models.LoadAsync(ServingRig.Starter);
        var adapter = await rig.Adapters.CreateAsync("Fresh", new LoraSpec { Rank = 2 }, model.Id, ct: Ct);
        Assert.Contains("would be its base", (await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.MergeAsync(adapter.Id, ct: Ct))).Message, StringComparison.Ordinal);
        Assert.Equal(ServingRig.Starter, Assert.Single(await rig.Models.ListAsync(Ct)).Record.Folder);
    }

    [Fact]
    public async Task MergeAsync_PromptAdapter_IsRefusedAndLeavesNothing()
    {
        await using var rig = await ServingRig.CreateAsync();
        var adapter = await ChangedAsync(rig, new PromptTuningSpec { VirtualTokens = 4 }, 1);
        int models = (await rig.Models.ListAsync(Ct)).Count;
        Assert.Contains("could not be merged", (await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.MergeAsync(adapter.Id, ct: Ct))).Message, StringComparison.Ordinal);
        Assert.Equal(models, (await rig.Models.ListAsync(Ct)).Count);
    }

    [Fact]
    public async Task ExportAsync_AnyAdapter_IsReadBackAndEqual()
    {
        await using var rig = await ServingRig.CreateAsync();
        foreach (AdapterSpec spec in new AdapterSpec[] { new LoraSpec { Rank = 2, UseDora = true }, new PTuningSpec { VirtualTokens = 3 }, new VeraSpec { Rank = 8 } })
        {
            var adapter = await ChangedAsync(rig, spec, 3);
            using var zip = new MemoryStream();
            var difference = await rig.Adapters.ExportAsync(adapter.Id, zip, Ct);
            Assert.InRange(difference.Relative, 0, 0.02);
            Assert.True(zip.Length > 100);
        }
    }

    // An adapter that answers differently.
    private static async Task<AdapterRecord> ChangedAsync(ServingRig rig, AdapterSpec spec, ulong seed)
    {
        var model = await rig.Models.LoadAsync(ServingRig.Starter);
        var adapter = await rig.Adapters.CreateAsync($"{spec.Method} {seed}", spec, model.Id);
        await using var lease = await rig.Pool.AcquireAsync(adapter.Id);
        using (lease.Instance.Write())
        using (no_grad())
        using (NewDisposeScope())
        using (var random = new Generator(seed))
            lease.Instance.Adapter.Parameters.Values.add_(randn([lease.Instance.Adapter.Parameters.Count], generator: random) * 0.05);
        rig.Adapters.Save(adapter.Id, lease.Instance.Adapter, "starter", null);
        return adapter;
    }

    private sealed class Reports(List<double> values) : IProgress<double>
    {
        public void Report(double value) => values.Add(value);
    }
}
