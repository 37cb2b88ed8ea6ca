using System.Text.Json.Nodes;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>Prompt tuning against PEFT and finite differences, and where its prompts start.</summary>
public sealed class PromptTuningAdapterTests : TensorTest
{
    private static PromptTuningSpec Spec { get; } = new() { VirtualTokens = 5 };

    private static PromptTuningSpec FromText { get; } = Spec with { Start = PromptStart.Text, StartText = "answer shortly" };

    [Fact]
    public void Fixtures_OfPeft_Agree() => MethodChecks.AgreesWithPeft("*/prompt_tuning");

    [Fact]
    public void Training_RecordedByPeft_IsRepeated() => MethodChecks.RepeatsPeftsTraining("*__prompt_tuning");

    [Theory]
    [InlineData("llama")]
    [InlineData("gemma2")]
    [InlineData("gpt2")]
    public void Folder_OfPeft_RoundTrips(string family) => MethodChecks.RoundTripsPeftsFolder(family, "prompt_tuning");

    [Fact]
    public void Adapter_OnTinyModel_HoldsTheContract()
    {
        MethodChecks.HasTheSlopesOfTheLoss(Spec);
        MethodChecks.TrainsInBf16(Spec);
        MethodChecks.SavesAndLoads(Spec);
    }

    [Theory]
    [InlineData(new[] { 7, 3 }, new[] { 7, 3, 7, 3, 7 })] // repeated
    [InlineData(new[] { 1, 2, 3, 4, 5, 6, 7 }, new[] { 1, 2, 3, 4, 5 })] // cut
    public void Start_AtAText_IsTheEmbeddingsOfItsTokens(int[] tokens, int[] expected)
    {
        using var model = new TinyModel();
        using var adapter = AdapterMethods.Build(FromText.WithTokens(text => text == "answer shortly" ? tokens : []), model.Site);
        using var random = new Generator(1);
        adapter.Initialize(random);
        using var scope = NewDisposeScope();
        var rows = model.Weights(LayerId.Embedding).Weight.index_select(0, tensor(expected.Select(id => (long)id).ToArray()));
        Assert.Equal(rows.ToFloatArray(), adapter.Parameters["prompt_embeddings"].ToFloatArray());
    }

    [Fact]
    public void Start_WhereTheEmbeddingScalesItself_IsScaled()
    {
        using var model = BaseModel.Load("gemma3_text", FixtureFolder.Model("gemma3_text"), ScalarType.Float32, CPU);
        using var adapter = AdapterMethods.Build(FromText with { StartIds = [9] }, model.AdapterSite());
        using var random = new Generator(1);
        adapter.Initialize(random);
        using var scope = NewDisposeScope();
        var embedded = new DirectBaseLayers(model.Layers).Forward(LayerId.Embedding, tensor(new long[] { 9 }));
        float[] row = embedded.ToFloatArray(), prompt = adapter.Parameters["prompt_embeddings"].ToFloatArray();
        Assert.All(Enumerable.Range(0, prompt.Length), i => Assert.Equal(row[i % row.Length], prompt[i], 1e-5f));
    }

    [Fact]
    public void Start_AtRandomTokens_IsRowsOfTheEmbedding()
    {
        using var model = new TinyModel();
        using var adapter = AdapterMethods.Build(Spec with { Start = PromptStart.Vocabulary }, model.Site);
        using var random = new Generator(1);
        adapter.Initialize(random);
        using var scope = NewDisposeScope();
        var known = model.Weights(LayerId.Embedding).Weight.unbind(0).Select(row => string.Join(' ', row.ToFloatArray())).ToHashSet();
        Assert.All(adapter.Parameters["prompt_embeddings"].detach().unbind(0), row => Assert.Contains(string.Join(' ', row.ToFloatArray()), known));
    }

    [Fact]
    public void Start_AtATextWithoutTokens_IsRefused()
    {
        using var model = new TinyModel();
        using var adapter = AdapterMethods.Build(FromText, model.Site);
        using var random = new Generator(1);
        Assert.Contains("'answer shortly', whose token ids are not known", Assert.Throws<InvalidOperationException>(() => adapter.Initialize(random)).Message, StringComparison.Ordinal);
        using var other = AdapterMethods.Build(FromText with { StartIds = [3, 41] }, model.Site);
        Assert.Contains("The token id 41", Assert.Throws<InvalidOperationException>(() => other.Initialize(random)).Message, StringComparison.Ordinal);
        Assert.Contains("there is none", Assert.Throws<ArgumentException>(() => AdapterMethods.Build(Spec with { Start = PromptStart.Text }, model.Site)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_OfATextStart_NamesTheTokenizerThatPeftAsksFor()
    {
        using var folder = new TestDirectory();
        using var model = new TinyModel();
        using (var adapter = MethodChecks.Randomized(FromText with { StartIds = [4] }, model.Site)) PeftFormat.Save(adapter, folder.Root, "org/tiny");
        var config = JsonNode.Parse(File.ReadAllText(folder.File(PeftFormat.ConfigFile)))!;
        Assert.Equal(("TEXT", "answer shortly", "org/tiny"), ((string?)config["prompt_tuning_init"], (string?)config["prompt_tuning_init_text"], (string?)config["tokenizer_name_or_path"]));
        Assert.Equal((2, 4, 24), ((int)config["num_layers"]!, (int)config["num_attention_heads"]!, (int)config["token_dim"]!));
        using var loaded = PeftFormat.Load(folder.Root, model.Site);
        Assert.Equal("org/tiny", ((PromptTuningSpec)loaded.Spec).Tokenizer);
    }
}
