using System.Text.Json.Nodes;
using Studio.Core;
using Studio.Tests.Support;

namespace Studio.Tests.Serving;

/// <summary>Model folders that are missing or damaged: what a person is told, and that nothing is half loaded.</summary>
public sealed class ModelLibraryTests : TensorTest
{
    [Fact]
    public async Task LoadAsync_NoSuchFolder_NamesIt()
    {
        await using var rig = await ServingRig.CreateAsync();
        string missing = Path.Combine(Path.GetTempPath(), "no-such-model");
        Assert.Equal($"The model folder '{missing}' does not exist.", await Refusal(rig, missing));
    }

    [Theory]
    [InlineData("config.json", "config.json' does not exist; a model folder holds config.json, tokenizer.json and *.safetensors")]
    [InlineData("model.safetensors", "holds neither model.safetensors nor model.safetensors.index.json")]
    [InlineData("tokenizer.json", "tokenizer.json: not found")]
    public async Task LoadAsync_FileMissing_NamesItAndWhatIsNeeded(string file, string message)
    {
        await using var rig = await ServingRig.CreateAsync();
        string folder = rig.CopyOfStarter();
        File.Delete(Path.Combine(folder, file));
        Assert.Contains(message, await Refusal(rig, folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model_type", null, "model_type is missing; expected one of")]
    [InlineData("hidden_size", null, ", 4096]")] // absent: the family's default
    [InlineData("hidden_size", "\"large\"", "hidden_size is large; expected a whole number")]
    [InlineData("num_hidden_layers", "0", "num_hidden_layers is 0; expected a whole number of at least 1")]
    [InlineData("num_key_value_heads", "3", "num_key_value_heads is 3; expected a divisor of the 8 attention heads")]
    [InlineData("model_type", "\"made_up\"", "the model type 'made_up' is not supported; supported are")]
    [InlineData("hidden_act", "\"sine\"", "hidden_act is 'sine'; expected silu")]
    [InlineData("num_hidden_layers", "5", "model.layers.4.self_attn.q_proj.weight is missing")]
    [InlineData("num_hidden_layers", "3", "model.layers.3.self_attn.q_proj.weight is not part of a llama model")]
    [InlineData("intermediate_size", "700", "model.layers.0.mlp.gate_proj.weight has shape [768, 256], the config asks for [700, 256]")]
    public async Task LoadAsync_BadConfig_NamesFileKeyFoundAndExpected(string key, string? value, string message)
    {
        await using var rig = await ServingRig.CreateAsync();
        string folder = rig.CopyOfStarter(), path = Path.Combine(folder, "config.json");
        var config = JsonNode.Parse(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))!.AsObject();
        if (value is null) config.Remove(key);
        else config[key] = JsonNode.Parse(value);
        await File.WriteAllTextAsync(path, config.ToJsonString(), TestContext.Current.CancellationToken);
        string refusal = await Refusal(rig, folder);
        Assert.Contains(message, refusal, StringComparison.Ordinal);
        Assert.Contains(folder, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_ConfigThatIsNotJson_NamesTheFile()
    {
        await using var rig = await ServingRig.CreateAsync();
        string folder = rig.CopyOfStarter();
        await File.WriteAllTextAsync(Path.Combine(folder, "config.json"), "{ \"hidden_size\": ", TestContext.Current.CancellationToken);
        Assert.Contains($"'{Path.Combine(folder, "config.json")}' is not valid JSON", await Refusal(rig, folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "the file has 0 bytes; a safetensors file has at least 8")]
    [InlineData(100, "truncated or not a safetensors file")]
    [InlineData(-1000, "(truncated file?)")]
    public async Task LoadAsync_TruncatedWeights_SaysSo(int length, string message)
    {
        await using var rig = await ServingRig.CreateAsync();
        string folder = rig.CopyOfStarter(), path = Path.Combine(folder, "model.safetensors");
        Cut(path, length);
        string refusal = await Refusal(rig, folder);
        Assert.Contains(message, refusal, StringComparison.Ordinal);
        Assert.Contains(path, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadAsync_UnknownComputeType_ListsWhatThereIs()
    {
        await using var rig = await ServingRig.CreateAsync();
        var refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Models.LoadAsync(ServingRig.Starter, "float8"));
        Assert.Equal("The compute type 'float8' is unknown; expected auto, float32 or bfloat16.", refusal.Message);
    }

    [Fact]
    public async Task LoadAsync_SameWeightsAgain_AreTheLoadedModel()
    {
        await using var rig = await ServingRig.CreateAsync();
        var first = await rig.Models.LoadAsync(ServingRig.Starter, ct: TestContext.Current.CancellationToken);
        var copy = await rig.Models.LoadAsync(rig.CopyOfStarter(), ct: TestContext.Current.CancellationToken);
        Assert.Equal(first.Id, copy.Id);
        Assert.Equal(first.Bytes, rig.Ledger.Snapshot().Total);
        Assert.Single(rig.Models.Loaded);
    }

    [Fact]
    public async Task CancelLoading_OnTheWay_RefusesTheCallerAndLeavesNothing()
    {
        await using var rig = await ServingRig.CreateAsync();
        var leaks = new TensorLeakCheck();
        rig.Models.Changed += () =>
        {
            // Told on the loading thread, so it is in the middle of it.
            if (rig.Models.Loading is [{ Progress: > 0.3 and < 1 } loading]) rig.Models.CancelLoading(loading.Id);
        };
        var refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Models.LoadAsync(ServingRig.Starter, "float32", TestContext.Current.CancellationToken));
        Assert.Equal("Loading 'starter' was cancelled.", refusal.Message);
        leaks.AssertNone();
        Assert.Empty(rig.Models.Loading);
        Assert.Empty(rig.Models.Loaded);
        Assert.Throws<NotFoundException>(() => rig.Models.CancelLoading("nothing"));
    }

    [Fact]
    public async Task UnloadAsync_ModelThatIsNotUsed_FreesEverything()
    {
        await using var rig = await ServingRig.CreateAsync();
        var leaks = new TensorLeakCheck();
        var model = await rig.Models.LoadAsync(ServingRig.Starter, ct: TestContext.Current.CancellationToken);
        Assert.True(leaks.Delta > 0);
        await rig.Models.UnloadAsync(model.Id, TestContext.Current.CancellationToken);
        leaks.AssertNone();
        Assert.Equal(0, rig.Ledger.Snapshot().Total);
        await Assert.ThrowsAsync<NotFoundException>(() => rig.Models.UnloadAsync(model.Id));
    }

    /// <summary>Cuts a file to a length, or by an amount where that is negative.</summary>
    internal static void Cut(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength(length >= 0 ? length : file.Length + length);
    }

    // What is refused must leave nothing behind, and a sound model must load right after it.
    private static async Task<string> Refusal(ServingRig rig, string folder)
    {
        var leaks = new TensorLeakCheck();
        var refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Models.LoadAsync(folder));
        leaks.AssertNone();
        Assert.Empty(rig.Models.Loaded);
        Assert.Equal(0, rig.Ledger.Snapshot().Total);
        Assert.Empty(await rig.Database.Models.ListAsync());
        return refusal.Message;
    }
}
