using Google.Protobuf;
using Studio.Core.Text;

namespace Studio.Tests.Text.Tokenization;

/// <summary>Model folders that have a SentencePiece model and no tokenizer.json.</summary>
public sealed class SentencePieceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pieces").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("llama2", "tokenizer.model")]
    [InlineData("mistral_v1", "tokenizer.model")]
    [InlineData("mistral_metaspace", "tokenizer.model")]
    [InlineData("phi3", "tokenizer.model")]
    [InlineData("gemma", "tokenizer.model")]
    public void Load_ModelAlone_GivesTheIdsOfTheConvertedFile(string family, string file)
    {
        foreach (var name in (string[])[file, "tokenizer_config.json"]) File.Copy(Path.Combine(TokenizerFixtures.Folder(family), name), Path.Combine(_folder, name));
        var tokenizer = TextTokenizer.Load(_folder);
        foreach (var item in TokenizerFixtures.Cases(family).GetProperty("cases").EnumerateArray())
        {
            Assert.Equal(item.Ids("ids"), tokenizer.Encode(item.Text("text"), addSpecialTokens: false));
            Assert.Equal(item.Ids("ids_special"), tokenizer.Encode(item.Text("text"), addSpecialTokens: true));
            Assert.Equal(item.Text("decoded"), tokenizer.Decode(item.Ids("ids_special"), skipSpecialTokens: false));
            Assert.Equal(item.Text("decoded_skip"), tokenizer.Decode(item.Ids("ids_special"), skipSpecialTokens: true));
        }
    }

    [Theory]
    [InlineData("t5_unigram", "spiece.model")]
    [InlineData("unigram_metaspace", "tokenizer.model")]
    public void Load_UnigramAlone_GivesSentencePiecesOwnIdsWhereTheReferenceAgrees(string family, string file)
    {
        foreach (var name in (string[])[file, "tokenizer_config.json"]) File.Copy(Path.Combine(TokenizerFixtures.Folder(family), name), Path.Combine(_folder, name));
        var tokenizer = TextTokenizer.Load(_folder);
        foreach (var item in TokenizerFixtures.Cases(family, "spm_cases.json").GetProperty("same_as_tokenizer_json").EnumerateArray())
            Assert.Equal(item.Ids("ids"), tokenizer.Encode(item.Text("text"), addSpecialTokens: false));
    }

    [Fact]
    public void Load_DamagedModel_SaysSo()
    {
        var bytes = File.ReadAllBytes(Path.Combine(TokenizerFixtures.Folder("llama2"), "tokenizer.model"));
        foreach (var damaged in (byte[][])[[], bytes[..(bytes.Length / 2)], "version https://git-lfs.github.com/spec/v1"u8.ToArray(), [0xFF, 0xFF, 0xFF], "[\"no\", \"protobuf\"]"u8.ToArray()])
        {
            File.WriteAllBytes(Path.Combine(_folder, "tokenizer.model"), damaged);
            Assert.Contains("tokenizer.model", Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(_folder)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Load_WordModel_IsRefusedByItsType()
    {
        Write(3, ("<unk>", 0f, 2), ("a", -1f, 1));
        Assert.Contains("model_type 3", Assert.Throws<NotSupportedException>(() => TextTokenizer.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 0f, 1, "pieces[1].piece")]
    [InlineData("a", float.NaN, 1, "pieces[1].score")]
    [InlineData("a", 0f, 9, "pieces[1].type")]
    [InlineData("<unk>", 0f, 1, "pieces[1].piece")]
    public void Load_DamagedPiece_IsRefusedByPlace(string text, float score, int kind, string named)
    {
        Write(2, ("<unk>", 0f, 2), (text, score, kind));
        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => TextTokenizer.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_SmallBpe_MergesByScore()
    {
        Write(2, ("<unk>", 0f, 2), ("<s>", 0f, 3), ("</s>", 0f, 3), ("▁", -9f, 1), ("a", -9f, 1), ("b", -9f, 1), ("bb", -1f, 1), ("ab", -2f, 1), ("▁a", -3f, 1));
        var tokenizer = TextTokenizer.Load(_folder);
        Assert.Equal("<s>|▁a|bb|<unk>", tokenizer.Spell("abbx", addSpecialTokens: true));
        Assert.Equal(("abb", 1, 2), (tokenizer.Decode(tokenizer.Encode("abb", true), true), tokenizer.BosId, tokenizer.EosId));
    }

    private void Write(int type, params (string Text, float Score, int Kind)[] pieces)
    {
        using var stream = File.Create(Path.Combine(_folder, "tokenizer.model"));
        using var output = new CodedOutputStream(stream);
        foreach (var (text, score, kind) in pieces)
            Message(1, piece =>
            {
                piece.WriteTag(1, WireFormat.WireType.LengthDelimited);
                piece.WriteString(text);
                piece.WriteTag(2, WireFormat.WireType.Fixed32);
                piece.WriteFloat(score);
                piece.WriteTag(3, WireFormat.WireType.Varint);
                piece.WriteEnum(kind);
            });
        Message(2, trainer =>
        {
            trainer.WriteTag(3, WireFormat.WireType.Varint);
            trainer.WriteEnum(type);
        });

        void Message(int field, Action<CodedOutputStream> write)
        {
            using var part = new MemoryStream();
            using (var inner = new CodedOutputStream(part, leaveOpen: true)) write(inner);
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(part.ToArray()));
        }
    }
}
