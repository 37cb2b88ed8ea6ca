using System.Text.Json.Nodes;
using Studio.Core.Text;

namespace Studio.Tests.Text;

/// <summary>What cannot be tokenized exactly is refused with the field and its value; damaged files never crash or hang.</summary>
public sealed class TextTokenizerRefusalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tokenizer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("model.type", "\"WordPiece\"", "model.type")]
    [InlineData("model.type", "\"WordLevel\"", "model.type")]
    [InlineData("model.dropout", "0.5", "model.dropout")]
    [InlineData("model.heat", "1", "model.heat")]
    [InlineData("chunker", "{}", "chunker")]
    [InlineData("normalizer", """{"type":"BertNormalizer"}""", "normalizer.type")]
    [InlineData("normalizer", """{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Prepend","prepend":"_","append":"x"}]}""", "normalizer.normalizers[1].append")]
    [InlineData("pre_tokenizer", """{"type":"UnicodeScripts"}""", "pre_tokenizer.type")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"𝕏"}""", "pre_tokenizer.replacement")]
    [InlineData("pre_tokenizer", """{"type":"Digits","per_script":true}""", "pre_tokenizer.per_script")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\p{Han}+"},"behavior":"Isolated"}""", "pre_tokenizer.pattern.Regex")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"[a&&b]"},"behavior":"Isolated"}""", "&&")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":{"Regex":"\\h"},"behavior":"Isolated"}""", "\\h")]
    [InlineData("post_processor", """{"type":"Stapler"}""", "post_processor.type")]
    [InlineData("post_processor", """{"type":"Sequence","processors":[{"type":"BertProcessing","cls":["!",0],"sep":["!",0]},{"type":"BertProcessing","cls":["!",0],"sep":["!",0]}]}""", "processors[1]")]
    [InlineData("decoder", """{"type":"Morse"}""", "decoder.type")]
    [InlineData("decoder", """{"type":"Strip","content":" ","start":1,"stop":0,"middle":2}""", "decoder.middle")]
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
    [InlineData("model.merges", "[\"! \\\"\", [\"!\", \"!\"]]", "model.merges[0]")]
    [InlineData("model.merges", "[5]", "model.merges[0]")]
    [InlineData("model.vocab", "{}", "model.merges[0]")]
    [InlineData("model.byte_fallback", "1", "model.byte_fallback")]
    [InlineData("model.unk_token", "5", "model.unk_token")]
    [InlineData("model", """{"type":"Unigram","unk_id":2,"vocab":[["a",0],["b",-1]]}""", "model.unk_id")]
    [InlineData("model", """{"type":"Unigram","unk_id":0,"vocab":[["a",0],["b",1e999]]}""", "model.vocab[1][1]")]
    [InlineData("model", """{"type":"Unigram","unk_id":0,"vocab":[["a",0],["b"]]}""", "model.vocab[1]")]
    [InlineData("normalizer", """{"type":"Precompiled","precompiled_charsmap":"?"}""", "normalizer.precompiled_charsmap")]
    [InlineData("normalizer", """{"type":"Precompiled","precompiled_charsmap":"////fwAA"}""", "normalizer.precompiled_charsmap")]
    [InlineData("normalizer", """{"type":"Replace","pattern":{"String":""},"content":"x"}""", "normalizer.pattern.String")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"__"}""", "pre_tokenizer.replacement")]
    [InlineData("pre_tokenizer", """{"type":"Metaspace","replacement":"_","prepend_scheme":"first","add_prefix_space":false}""", "pre_tokenizer.prepend_scheme")]
    [InlineData("pre_tokenizer", """{"type":"FixedLength","length":0}""", "pre_tokenizer.length")]
    [InlineData("pre_tokenizer", """{"type":"Split","pattern":"a","behavior":"Isolated"}""", "pre_tokenizer.pattern")]
    [InlineData("decoder", """{"type":"Strip","content":" ","start":-1,"stop":0}""", "decoder.start")]
    [InlineData("truncation", """{"max_length":-4}""", "truncation.max_length")]
    [InlineData("padding", """{"strategy":{"Fixed":-1}}""", "padding.strategy.Fixed")]
    [InlineData("model.vocab", """{"a":0,"b":0}""", "'a'")]
    [InlineData("model.vocab", """{"a":2000000000}""", "model.vocab['a']")]
    [InlineData("model.vocab", """{"a":-1}""", "model.vocab['a']")]
    [InlineData("model.vocab", """{"a":1.5}""", "model.vocab['a']")]
    [InlineData("model.ignore_merges", "\"yes\"", "model.ignore_merges")]
    [InlineData("added_tokens", """[{"id":0,"content":""}]""", "added_tokens[0].content")]
    [InlineData("added_tokens", """[{"id":-1,"content":"<x>"}]""", "added_tokens[0].id")]
    [InlineData("added_tokens", """[{"id":1357,"content":"<x>"},{"id":1358,"content":"<x>"}]""", "added_tokens[1].content")]
    [InlineData("post_processor", """{"type":"BertProcessing","cls":["a",0],"sep":["b",2000000000]}""", "post_processor.sep[1]")]
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

    [Theory]
    [InlineData("""{"model":{"type":"BPE","vocab":{"\ud800":0},"merges":[]}}""", "model.vocab")]
    [InlineData("""{"model":{"type":"\udc00"}}""", "model.type")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["\ud800 a"]}}""", "model.merges")]
    public void Load_HalfASurrogatePair_IsRefusedByName(string content, string named)
    {
        File.WriteAllText(Path.Combine(_folder, "tokenizer.json"), content);
        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(_folder)).Message, StringComparison.Ordinal);
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
    public void Read_ConfigWithTwoTemplatesOfOneName_TakesTheLastAsTransformersDoes()
    {
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), """{"chat_template": [{"name": "default", "template": "first"}, {"name": "tool_use", "template": "tools"}, {"name": "default", "template": "last"}]}""");
        Assert.Equal("last", Studio.Core.Text.Tokenization.TokenizerConfig.Read(_folder).ChatTemplate);
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
    [InlineData("gpt2")]
    [InlineData("deepseek_llm")]
    [InlineData("gpt_oss_o200k")]
    public void Encode_OneMegabyteWithoutABoundary_RoundTrips(string family)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        foreach (var unit in (string[])["a", "the", " ", "中", "😀", "<|endoftext|"])
        {
            // A letter at the end keeps patterns for white space from matching all of it at once.
            var text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length)) + "x";
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, addSpecialTokens: false), skipSpecialTokens: false));
        }
    }

    [Theory]
    [InlineData("llama2")]
    [InlineData("gemma")]
    [InlineData("unigram_metaspace")]
    public void Encode_LongTextForSentencePiece_StartsLikeAShortOne(string family)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        foreach (var unit in (string[])["a", "the ", "😀"])
        {
            var few = tokenizer.Encode(string.Concat(Enumerable.Repeat(unit, 1000)), false);
            var many = tokenizer.Encode(string.Concat(Enumerable.Repeat(unit, 200_000)), false);
            Assert.Equal(few.Take(few.Count / 2), many.Take(few.Count / 2));
            Assert.InRange(many.Count, few.Count * 150, few.Count * 250);
        }
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
