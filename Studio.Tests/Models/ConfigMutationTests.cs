using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Tests.Support;

namespace Studio.Tests.Models;

/// <summary>Whatever a config says, it is read or refused with a message that names the file: never another exception, never a long count.</summary>
public sealed class ConfigMutationTests
{
    private static readonly string[] Values =
    [
        "null", "0", "-1", "1", "3", "2147483647", "99999999999999999999", "1e308", "-0.5", "true", "false", "\"\"", "\"odd\"", "[]", "[1]", "[null]", "[\"odd\"]", "{}", "{\"factor\":0}",
        "{\"rope_type\":\"yarn\"}", "{\"rope_type\":\"dynamic\",\"factor\":-3}", "{\"rope_type\":\"longrope\",\"short_factor\":[],\"long_factor\":[],\"factor\":2}",
    ];

    public static TheoryData<string> Models => FamilyFixtures.All;

    [Theory]
    [MemberData(nameof(Models))]
    public void ReadConfig_EveryKeyWithOddValues_IsReadOrRefused(string name)
    {
        foreach (string file in new[] { "config.json", "config.v5.json" })
        {
            string path = Path.Combine(FixtureFolder.Model(name), file);
            if (!File.Exists(path)) continue;
            string text = File.ReadAllText(path);
            foreach (string key in JsonNode.Parse(text)!.AsObject().Select(entry => entry.Key))
                foreach (string value in Values) Read(text, key, value);
        }
    }

    private static void Read(string text, string key, string value)
    {
        var config = JsonNode.Parse(text)!.AsObject();
        config[key] = JsonNode.Parse(value);
        var reader = new ConfigReader(JsonSerializer.SerializeToElement(config), "mutated");
        try
        {
            var family = DecoderFamilies.For(reader);
            var model = family.ReadConfig(reader);
            Assert.True(model.ParameterCount > 0, $"{key} = {value}: {model.ParameterCount} parameters");
            Assert.NotEmpty(CheckpointTensors.Expected(family, model).Take(100));
        }
        catch (Exception refusal) when (refusal is InvalidDataException or NotSupportedException)
        {
            Assert.Contains("'mutated", refusal.Message, StringComparison.Ordinal);
        }
        catch (Exception error)
        {
            Assert.Fail($"{key} = {value}: {error}");
        }
    }
}
