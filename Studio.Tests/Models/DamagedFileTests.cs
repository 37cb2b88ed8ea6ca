using System.Buffers.Binary;
using System.Text;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using Studio.Core.Text;
using Studio.Core.Text.Jinja;
using Studio.Tests.Storage;

namespace Studio.Tests.Models;

/// <summary>Kinds of damage that mutations found: each is refused with a message of a readable length that names the file.</summary>
public sealed class DamagedFileTests : IDisposable
{
    private const int Readable = 1_500;
    private static readonly string Long = new('x', 100_000);
    private readonly TestDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"model_type\": \"llama\", \"x\": \"\\ud83d\"}", "half of a surrogate pair")]
    [InlineData("{\"model_type\": \"llama\", \"\\ud83d\": {\"a\": [1]}}", "half of a surrogate pair")]
    [InlineData("{\"model_type\": \"llama\", \"a\": [{\"\\ud83d\": 1}]}", "half of a surrogate pair")]
    [InlineData("{\"model_type\": \"llama\", tru", "is not valid JSON")]
    [InlineData("[]", "is not a JSON object")]
    public void Open_Config_IsRefused(string json, string reason) => AssertRefused<InvalidDataException>("config.json", Encoding.UTF8.GetBytes(json), reason, path => ConfigReader.Open(path));

    [Fact]
    public void Open_ConfigThatIsNotUtf8_IsRefused() =>
        AssertRefused<InvalidDataException>("config.json", [.. "{\"a\": \""u8, 0xED, 0xA0, 0x80, .. "\"}"u8], "is not valid UTF-8", path => ConfigReader.Open(path));

    [Fact]
    public void ReadConfig_LongValues_AreShownByTheirBeginning()
    {
        AssertRefused<InvalidDataException>("config.json", Encoding.UTF8.GetBytes($$"""{"hidden_size": "{{Long}}"}"""), "hidden_size is xxx", path => ConfigReader.Open(path).Int("hidden_size"));
        AssertRefused<InvalidDataException>("config.json", Encoding.UTF8.GetBytes($$"""{"hidden_size": tru{{Long}}}"""), "is not valid JSON", path => ConfigReader.Open(path));
        AssertRefused<NotSupportedException>("config.json", Encoding.UTF8.GetBytes($$"""{"model_type": "{{Long}}", "{{Long}}": 1}"""), "the model type 'xxx", path => DecoderFamilies.For(ConfigReader.Open(path)));
    }

    [Theory]
    [InlineData("\"dtype\": \"LONG\", \"shape\": [1], \"data_offsets\": [0, 4]", "has dtype xxx")]
    [InlineData("\"dtype\": \"F32\", \"shape\": [\"LONG\"], \"data_offsets\": [0, 4]", "has the dimension xxx")]
    public void Open_Tensors_LongValues_AreShownByTheirBeginning(string tensor, string reason)
    {
        byte[] header = Encoding.UTF8.GetBytes("{\"w\": {" + tensor.Replace("LONG", Long, StringComparison.Ordinal) + "}}");
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        AssertRefused<InvalidDataException>("model.safetensors", [.. length, .. header, 0, 0, 0, 0], reason, path => SafeTensorsFile.Open(path).Dispose());
    }

    [Theory]
    [InlineData("{\"decoder\": {\"\\ud83d\": 1, \"type\": \"ByteLevel\"}, \"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}}", "half of a surrogate pair")]
    [InlineData("{\"model\": truLONG}", "not valid JSON")]
    public void Load_Tokenizer_IsRefused(string json, string reason) => AssertRefused<InvalidDataException>(
        "tokenizer.json", Encoding.UTF8.GetBytes(json.Replace("LONG", Long, StringComparison.Ordinal)), reason, path => TextTokenizer.Load(Path.GetDirectoryName(path)!), "tokenizer.json");

    [Fact]
    public void Parse_TemplateWithALongFault_ShowsItsBeginningAndKeepsTheWhole()
    {
        var error = Assert.Throws<JinjaException>(() => ChatTemplate.Parse($$$"""{{ messages[0].{{{Long}}}.y }}""").Render([new ChatMessage("user", "a")], addGenerationPrompt: false));
        Assert.InRange(error.Message.Length, 1, 3_000);
        Assert.True(error.Reason.Length > Long.Length);
    }

    private void AssertRefused<T>(string name, byte[] content, string reason, Action<string> open, string? named = null)
        where T : Exception
    {
        string path = _folder.File(name);
        File.WriteAllBytes(path, content);
        string message = Assert.Throws<T>(() => open(path)).Message;
        Assert.Contains(named ?? path, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
        // The families' names alone are some hundred characters.
        Assert.InRange(message.Length, 1, Readable);
    }
}
