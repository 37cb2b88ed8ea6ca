using System.Text.Json.Nodes;
using Studio.Core.Text;

namespace Studio.Tests.Text;

/// <summary>What cannot be tokenized exactly is refused with the field and its value; damaged files never crash or hang.</summary>
public sealed class TextTokenizerRefusalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("model.type", "\"Unigram\"", "model.type")]
    [InlineData("model.type", "\"WordPiece\"", "model.type")]
    [InlineData("model.byte_fallback", "true", "model.byte_fallback")]
    [InlineData("model.dropout", "0.5", "model.dropout")]
    [InlineData("model.unk_token", "\"<unk>\"", "model.unk_token")]
    [InlineData("model.end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix")]
    [InlineData("normalizer", """{"type":"Precompiled","precompiled_charsmap":""}""", "normalizer.type")]
    [InlineData("normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Prepend","prepend":"_"}]}""", "normalizer.normalizers[1].type")]
    [InlineData("pre_tokenizer", "null", "pre_tokenizer")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace"}""", "pre_tokenizer.type")]
    [InlineData("pre_tokenizer", """{"type":"Digits"}""", "pre_tokenizer")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\p{Han}+"},"behavior":"Isolated"}""", "pre_tokenizer.pattern.Regex")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"[a&&b]"},"behavior":"Isolated"}""", "&&")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\h"},"behavior":"Isolated"}""", "\\h")]
    [InlineData("post_processor", """{"type":"BertProcessing"}""", "post_processor.type")]
    [InlineData("decoder", "null", "decoder")]
    [InlineData("decoder", """{"type":"Metaspace"}""", "decoder.type")]
    [InlineData("version", "\"2.0\"", "version")]
    public void Load_UnsupportedConstruct_IsRefusedByName(string field, string value, string named)
    {
        var error = Assert.Throws<NotSupportedException>(() => LoadWith(field, value));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("tokenizer.json", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model", "null", "model")]
    [InlineData("model.vocab", "[]", "model.vocab")]
    [InlineData("model.merges", "[\"ab\"]", "model.merges[0]")]
    [InlineData("model.merges", "[\"a b c\"]", "model.merges[0]")]
    [InlineData("model.merges", "[[\"a\",\"b\",\"c\"]]", "model.merges[0]")]
    [InlineData("model.merges", "[[\"!\",\"nowhere\"]]", "'nowhere'")]
    [InlineData("model.merges", "{}", "model.merges")]
    [InlineData("model.vocab", """{"a":0,"b":0}""", "'a'")]
    [InlineData("model.vocab", """{"a":2000000000}""", "model.vocab['a']")]
    [InlineData("model.vocab", """{"a":-1}""", "model.vocab['a']")]
    [InlineData("model.vocab", """{"a":1.5}""", "model.vocab['a']")]
    [InlineData("model.ignore_merges", "\"yes\"", "model.ignore_merges")]
    [InlineData("added_tokens", """[{"id":0,"content":""}]""", "added_tokens[0].content")]
    [InlineData("added_tokens", """[{"id":4000000,"content":"<x>"}]""", "added_tokens[0].id")]
    [InlineData("added_tokens", """[{"id":1357,"content":"<x>","special":"true"}]""", "added_tokens[0].special")]
    [InlineData("added_tokens", "{}", "added_tokens")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"[a"},"behavior":"Isolated"}""", "pre_tokenizer.pattern.Regex")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"a"},"behavior":"Exploded"}""", "pre_tokenizer.behavior")]
    [InlineData("post_processor", """{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}},{"Sequence":{"id":"A"}}],"special_tokens":{}}""", "<s>")]
    public void Load_DamagedField_IsRefusedByName(string field, string value, string named)
    {
        var error = Assert.ThrowsAny<Exception>(() => LoadWith(field, value));
        Assert.True(error is InvalidDataException or NotSupportedException, error.ToString());
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "wanted an object")]
    [InlineData("{\"model\":", "not valid JSON")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer")]
    public void Load_FileThatIsNoTokenizer_SaysSo(string content, string expected)
    {
        File.WriteAllText(Path.Combine(_folder, "tokenizer.json"), content);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_InvalidUtf8_SaysSo()
    {
        File.WriteAllBytes(Path.Combine(_folder, "tokenizer.json"), [(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
        Assert.Contains("UTF-8", Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_DeeplyNestedFile_IsRefused()
    {
        File.WriteAllText(Path.Combine(_folder, "tokenizer.json"), string.Concat(Enumerable.Repeat("{\"a\":", 100_000)));
        Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(_folder));
    }

    [Fact]
    public void Load_FolderWithoutTokenizer_NamesTheFile() =>
        Assert.Contains("tokenizer.json", Assert.Throws<FileNotFoundException>(() => TextTokenizer.Load(_folder)).Message, StringComparison.Ordinal);

    [Fact]
    public void Load_ConfigWithATemplateOfTheWrongType_IsRefused()
    {
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), """{"chat_template": 5}""");
        Assert.Contains("tokenizer_config.json.chat_template", Assert.Throws<InvalidDataException>(() => LoadWith("version", "\"1.0\"")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_PatternThatBacktracksForever_EndsWithAnError()
    {
        var tokenizer = LoadWith("pre_tokenizer", """
            {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(x+x+)+y"},"behavior":"Isolated"},{"type":"ByteLevel"}]}
            """);
        Assert.Contains("pattern", Assert.Throws<InvalidDataException>(() => tokenizer.Encode(new string('x', 5000), false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Encode_PatternThatMatchesNothing_Ends()
    {
        var tokenizer = LoadWith("pre_tokenizer", """
            {"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"x*"},"behavior":"Isolated"},{"type":"ByteLevel","add_prefix_space":false}]}
            """);
        Assert.Equal("axxb", tokenizer.Decode(tokenizer.Encode("axxb", false), false));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("the")]
    [InlineData(" ")]
    [InlineData("😀")]
    [InlineData("<|endoftext|")]
    public void Encode_OneMegabyteWithoutABoundary_RoundTrips(string unit)
    {
        var tokenizer = TokenizerFixtures.Load("gpt2");
        var text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, addSpecialTokens: false), skipSpecialTokens: false));
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData("qwen2")]
    public void Encode_LoneSurrogate_IsReadAsTheReplacementCharacter(string family)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        foreach (var (text, expected) in ((string, string)[])[
            ("\ud800", "\uFFFD"), ("a\udc00b", "a\uFFFDb"), ("😀\ud83d", "😀\uFFFD"), ("\udc00\ud800", "\uFFFD\uFFFD")])
            Assert.Equal(expected, tokenizer.Decode(tokenizer.Encode(text, false), false));
    }

    private TextTokenizer LoadWith(string field, string value)
    {
        var root = JsonNode.Parse(File.ReadAllText(Path.Combine(TokenizerFixtures.Folder("gpt2"), "tokenizer.json")))!;
        var owner = root;
        var path = field.Split('.');
        foreach (var name in path[..^1]) owner = owner![name];
        owner![path[^1]] = JsonNode.Parse(value);
        File.WriteAllText(Path.Combine(_folder, "tokenizer.json"), root.ToJsonString());
        return TextTokenizer.Load(_folder);
    }
}
