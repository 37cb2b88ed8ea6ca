using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Tests.Support;

namespace Studio.Tests.Models;

/// <summary>What a config leaves out means what the transformers library takes for it (config_defaults.json of the fixtures), family by family.</summary>
public sealed class ConfigDefaultsTests
{
    private static readonly string[] RotaryKeys = ["rope_theta", "rope_scaling", "rope_parameters", "rotary_emb_base", "partial_rotary_factor", "rotary_pct", "rope_local_base_freq"];

    private static readonly JsonSerializerOptions Readable = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    private static readonly JsonObject Defaults = JsonNode.Parse(File.ReadAllText(Path.Combine(FixtureFolder.Root, "config_defaults.json")))!.AsObject();

    public static TheoryData<string> Families => [.. Defaults.Select(entry => entry.Key)];

    public static TheoryData<string> Models => FamilyFixtures.All;

    [Theory]
    [MemberData(nameof(Families))]
    public void ReadConfig_NothingButTheModelType_IsTheLibrarysDefaultModel(string type) =>
        Assert.Equal(Read(Defaults[type]!.AsObject()), Read(new JsonObject { ["model_type"] = type }));

    [Theory]
    [MemberData(nameof(Models))]
    public void ReadConfig_NothingAboutRotation_IsTheLibrarysDefault(string name)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(FixtureFolder.Model(name), "config.json")))!.AsObject();
        var rotation = Defaults[(string)config["model_type"]!]!["rope_parameters"];
        foreach (string key in RotaryKeys) config.Remove(key);
        string absent = Read(config);
        if (rotation is not null) config["rope_parameters"] = rotation.DeepClone();
        Assert.Equal(Read(config), absent);
    }

    // The config with what the blocks are made of and which tensors it asks for.
    private static string Read(JsonObject config)
    {
        var reader = new ConfigReader(JsonSerializer.SerializeToElement(config), "defaults");
        var family = DecoderFamilies.For(reader);
        var read = family.ReadConfig(reader);
        return JsonSerializer.Serialize(read, Readable)
            + JsonSerializer.Serialize(Enumerable.Range(0, read.Blocks).Select(i => read.Block(i)), Readable)
            + JsonSerializer.Serialize(CheckpointTensors.Expected(family, read).Take(500), Readable);
    }
}
