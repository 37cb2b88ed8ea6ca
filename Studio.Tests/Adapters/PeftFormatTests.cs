using System.Text.Json.Nodes;
using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Adapters.Methods;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters;

/// <summary>Adapter folders against those that the PEFT library wrote (peft 0.18.1).</summary>
public sealed class PeftFormatTests : TensorTest
{
    private readonly TestDirectory _folder = new();
    private readonly BaseModel _base;

    // Not in an initialiser: those run before the leak check begins to count.
    public PeftFormatTests() => _base = BaseModel.Load("llama", FixtureFolder.Model("llama"), ScalarType.Float32, CPU);

    public static TheoryData<string> Names =>
    [
        "lora", "lora_all_linear", "lora_patterns", "lora_regex_target", "lora_rslora", "lora_B_bias", "lora_embedding", "lora_modules_to_save", "dora", "dora_all_linear",
        "adalora", "trainable_tokens",
    ];

    public static TheoryData<string> Gpt2Names => ["lora_all_linear", "lora_bias_all", "lora_bias_lora_only", "lora_embedding", "dora", "adalora", "trainable_tokens"];

    private AdapterSite Site => _base.AdapterSite();

    [Theory]
    [MemberData(nameof(Names))]
    public void Save_AfterLoadingPeftsFolder_WritesTheSameTensorsAndSettings(string name) => AssertSameAfterLoading(name, Site, "llama");

    [Theory]
    [MemberData(nameof(Gpt2Names))]
    public void Save_AfterLoadingPeftsFolderOfGpt2_WritesTheSameTensorsAndSettings(string name)
    {
        using var gpt2 = BaseModel.Load("gpt2", FixtureFolder.Model("gpt2"), ScalarType.Float32, CPU);
        AssertSameAfterLoading(name, gpt2.AdapterSite(), "gpt2");
    }

    [Fact]
    public void Save_FreshLora_HasPeftsKeysShapesAndType()
    {
        var spec = new LoraSpec { Rank = 8, Alpha = 16, Targets = TargetSelection.Of("v_proj", "q_proj") };
        using (var adapter = AdapterMethods.Build(spec, Site))
        {
            using var random = new Generator(1);
            adapter.Initialize(random);
            PeftFormat.Save(adapter, _folder.Root, "llama");
        }
        string theirs = FixtureFolder.Adapter(Path.Combine("llama", "lora"));
        Assert.Equal(Describe(Path.Combine(theirs, PeftFormat.WeightsFile)), Describe(_folder.File(PeftFormat.WeightsFile)));
        AssertSameSettings(Path.Combine(theirs, PeftFormat.ConfigFile), _folder.File(PeftFormat.ConfigFile));
    }

    [Fact]
    public void Load_OfASavedAdapter_BringsBackSettingsAndValues()
    {
        var spec = new LoraSpec
        {
            Rank = 3, Alpha = 4.5, Dropout = 0.125, UseRsLora = true,
            Targets = new TargetSelection { Names = ["q_proj", "down_proj"], Excluded = ["model.layers.0.self_attn.q_proj"], Blocks = [0, 1] },
            RankPattern = new Dictionary<string, int> { ["down_proj"] = 2 },
            AlphaPattern = new Dictionary<string, double> { ["1.self_attn.q_proj"] = 7 },
        };
        float[] values;
        using (var adapter = AdapterMethods.Build(spec, Site))
        {
            using (var random = new Generator(1))
            using (no_grad()) adapter.Parameters.Values.normal_(0, 1, random);
            values = adapter.Parameters.Values.ToFloatArray();
            PeftFormat.Save(adapter, _folder.Root, "llama");
        }
        using var loaded = PeftFormat.Load(_folder.Root, Site);
        Assert.Equal(values, loaded.Parameters.Values.ToFloatArray());
        Assert.Equivalent(spec, loaded.Spec, strict: true);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(-1)]
    public void Load_TruncatedTensors_IsRefusedAndNamesTheFile(int bytes)
    {
        string path = CopyFixture(out byte[] whole);
        File.WriteAllBytes(path, bytes < 0 ? whole[..^1] : whole[..bytes]);
        var refusal = Assert.Throws<InvalidDataException>(() => PeftFormat.Load(_folder.Root, Site));
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ForeignFile_IsRefusedAndNamesTheFile()
    {
        string path = CopyFixture(out _);
        File.WriteAllText(path, new string('x', 5000));
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => PeftFormat.Load(_folder.Root, Site)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AdapterOfAnotherModel_NamesTensorsAndShapes()
    {
        CopyFixture(out _);
        using var other = new TinyModel();
        var refusal = Assert.Throws<InvalidDataException>(() => PeftFormat.Load(_folder.Root, other.Site));
        Assert.Contains("does not fit the base model: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight is [", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("the base model needs [", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rank_pattern", "2.5", "1 to 4096")]
    [InlineData("rank_pattern", "\"8\"", "1 to 4096")]
    [InlineData("alpha_pattern", "null", "a number above 0")]
    public void ReadSpec_PatternWithoutANumber_IsRefusedAndNamesTheEntry(string key, string value, string expected)
    {
        CopyFixture(out _);
        var document = JsonNode.Parse(File.ReadAllText(_folder.File(PeftFormat.ConfigFile)))!.AsObject();
        document[key] = new JsonObject { ["q_proj"] = JsonNode.Parse(value) };
        File.WriteAllText(_folder.File(PeftFormat.ConfigFile), document.ToJsonString());
        string message = Assert.Throws<InvalidDataException>(() => PeftFormat.ReadSpec(_folder.Root)).Message;
        Assert.Contains($"{key}.q_proj", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_TensorMissing_IsNamed()
    {
        CopyFixture(out _);
        var document = JsonNode.Parse(File.ReadAllText(_folder.File(PeftFormat.ConfigFile)))!.AsObject();
        document["target_modules"] = new JsonArray("q_proj", "v_proj", "k_proj"); // asks for more than the file has
        File.WriteAllText(_folder.File(PeftFormat.ConfigFile), document.ToJsonString());
        var refusal = Assert.Throws<InvalidDataException>(() => PeftFormat.Load(_folder.Root, Site));
        Assert.Contains("base_model.model.model.layers.0.self_attn.k_proj.lora_A.weight is missing", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("peft_type", "\"IA3_NEW\"", "The PEFT type 'IA3_NEW' is not supported")]
    [InlineData("use_qalora", "true", "use_qalora is True, which is not supported for LoRA; expected false")]
    [InlineData("alora_invocation_tokens", "[5]", "alora_invocation_tokens is [5], which is not supported for LoRA; expected null")]
    public void Load_SettingThatIsNotSupported_IsNamed(string key, string value, string message)
    {
        CopyFixture(out _);
        var document = JsonNode.Parse(File.ReadAllText(_folder.File(PeftFormat.ConfigFile)))!.AsObject();
        document[key] = JsonNode.Parse(value);
        File.WriteAllText(_folder.File(PeftFormat.ConfigFile), document.ToJsonString());
        Assert.Contains(message, Assert.Throws<NotSupportedException>(() => PeftFormat.Load(_folder.Root, Site)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_PickleInsteadOfTensors_IsRefusedUnopened()
    {
        string path = CopyFixture(out _);
        File.Move(path, _folder.File("adapter_model.bin"));
        var refusal = Assert.Throws<FileNotFoundException>(() => PeftFormat.Load(_folder.Root, Site));
        Assert.Contains("is a pickle file, which can run code when it is opened", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FolderWithoutSettings_IsRefused()
    {
        CopyFixture(out _);
        File.Delete(_folder.File(PeftFormat.ConfigFile));
        var refusal = Assert.Throws<FileNotFoundException>(() => PeftFormat.Load(_folder.Root, Site));
        Assert.Equal($"'{_folder.Root}' is not an adapter folder: it has no adapter_config.json.", refusal.Message);
    }

    protected override void Release()
    {
        _base.Dispose();
        _folder.Dispose();
    }

    private void AssertSameAfterLoading(string name, AdapterSite site, string family)
    {
        string theirs = FixtureFolder.Adapter(Path.Combine(family, name));
        using (var adapter = PeftFormat.Load(theirs, site)) PeftFormat.Save(adapter, _folder.Root, family);
        string[] expected = name == "lora_bias_lora_only" // PEFT forgets those biases
            ? [PeftFormat.ConfigFile, PeftFormat.WeightsFile, PeftFormat.ContinuationFile] : [PeftFormat.ConfigFile, PeftFormat.WeightsFile];
        Assert.Equal(expected, _folder.Entries);
        Assert.Equal(File.ReadAllBytes(Path.Combine(theirs, PeftFormat.WeightsFile)), File.ReadAllBytes(_folder.File(PeftFormat.WeightsFile)));
        AssertSameSettings(Path.Combine(theirs, PeftFormat.ConfigFile), _folder.File(PeftFormat.ConfigFile));
    }

    private string CopyFixture(out byte[] tensors)
    {
        string theirs = FixtureFolder.Adapter(Path.Combine("llama", "lora"));
        File.Copy(Path.Combine(theirs, PeftFormat.ConfigFile), _folder.File(PeftFormat.ConfigFile));
        tensors = File.ReadAllBytes(Path.Combine(theirs, PeftFormat.WeightsFile));
        File.WriteAllBytes(_folder.File(PeftFormat.WeightsFile), tensors);
        return _folder.File(PeftFormat.WeightsFile);
    }

    private static string[] Describe(string path)
    {
        using var file = SafeTensorsFile.Open(path);
        return [.. file.Header.Tensors.Values.Select(tensor => $"{tensor.Name} {tensor.Type} [{string.Join(", ", tensor.Shape)}]").Order(StringComparer.Ordinal)];
    }

    // PEFT keeps target names in a set: their order in the file is accidental.
    private static void AssertSameSettings(string theirs, string ours)
    {
        JsonObject expected = JsonNode.Parse(File.ReadAllText(theirs))!.AsObject(), found = JsonNode.Parse(File.ReadAllText(ours))!.AsObject();
        Assert.Equal(expected.Select(member => member.Key), found.Select(member => member.Key));
        foreach (var config in new[] { expected, found })
            if (config["target_modules"] is JsonArray names)
                config["target_modules"] = new JsonArray([.. names.Select(name => name!.GetValue<string>()).Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]);
        foreach (var (key, value) in expected) Assert.True(JsonNode.DeepEquals(value, found[key]), $"{key} is {found[key]?.ToJsonString() ?? "null"}, PEFT writes {value?.ToJsonString() ?? "null"}.");
    }
}
