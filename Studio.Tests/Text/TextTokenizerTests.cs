using System.Text.Json;

namespace Studio.Tests.Text;

public sealed class TextTokenizerTests
{
    public static TheoryData<string> Families() => TokenizerFixtures.Families();

    [Theory, MemberData(nameof(Families))]
    public void Encode_EveryReferenceText_GivesTheReferenceIds(string family)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        var wrong = new List<string>();
        foreach (var item in TokenizerFixtures.Cases(family).GetProperty("cases").EnumerateArray())
        {
            var text = item.Text("text");
            Check(wrong, text, item.Ids("ids"), tokenizer.Encode(text, addSpecialTokens: false));
            Check(wrong, text, item.Ids("ids_special"), tokenizer.Encode(text, addSpecialTokens: true));
        }

        Assert.Empty(wrong);
    }

    [Theory, MemberData(nameof(Families))]
    public void Decode_EveryReferenceSequence_GivesTheReferenceText(string family)
    {
        var tokenizer = TokenizerFixtures.Load(family);
        foreach (var item in Sequences(family))
        {
            Assert.Equal(item.Decoded, tokenizer.Decode(item.Ids, skipSpecialTokens: false));
            Assert.Equal(item.Skipped, tokenizer.Decode(item.Ids, skipSpecialTokens: true));
        }
    }

    internal static IEnumerable<(int[] Ids, string Decoded, string Skipped)> Sequences(string family)
    {
        var root = TokenizerFixtures.Cases(family);
        return root.GetProperty("cases").EnumerateArray().Select(item => Read(item, "ids_special"))
            .Concat(root.GetProperty("decode_cases").EnumerateArray().Select(item => Read(item, "ids")));

        static (int[], string, string) Read(JsonElement item, string ids) => (item.Ids(ids), item.Text("decoded"), item.Text("decoded_skip"));
    }

    private static void Check(List<string> wrong, string text, int[] expected, IReadOnlyList<int> actual)
    {
        if (!expected.SequenceEqual(actual))
            wrong.Add($"{JsonSerializer.Serialize(text)}: expected {string.Join(",", expected)} but was {string.Join(",", actual)}");
    }
}
