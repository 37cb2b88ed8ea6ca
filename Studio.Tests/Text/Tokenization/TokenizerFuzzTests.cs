using System.Text;
using System.Text.Json.Nodes;
using Studio.Core.Text;

namespace Studio.Tests.Text.Tokenization;

/// <summary>Damaged tokenizer files end in a clear error or in a tokenizer that still encodes and decodes; nothing else.</summary>
public sealed class TokenizerFuzzTests : IDisposable
{
    private static readonly string[] Odd =
    [
        "null", "true", "-1", "0", "1.5", "1e999", "2000000000", "\"\"", "\"x\"", "\"▁\"", "[]", "[[]]", "{}", "\"(a+)+$\"", "\"[\"", "\"BPE\"", "\"Unigram\"",
        "\"ByteLevel\"", "\"Sequence\"", "{\"Regex\":\"(x*)*\"}", "{\"String\":\"a\"}", "{\"type\":\"Fuse\"}", "{\"type\":\"NFKD\"}", "{\"type\":\"Metaspace\",\"replacement\":\"a\"}",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("fuzz").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("added_flags", 1, 120)]
    [InlineData("llama2", 2, 120)]
    [InlineData("unigram_metaspace", 3, 120)]
    [InlineData("deepseek_v3", 4, 120)]
    [InlineData("gemma", 5, 80)]
    [InlineData("t5_unigram", 6, 25)]
    public void Load_MutatedTree_ErrsOrWorks(string family, int seed, int rounds)
    {
        var random = new Random(seed);
        var source = File.ReadAllText(Path.Combine(TokenizerFixtures.Folder(family), "tokenizer.json"));
        for (var round = 0; round < rounds; round++)
        {
            var root = JsonNode.Parse(Shrink(source))!;
            for (var change = 0; change <= random.Next(3); change++) Mutate(root, random);
            Try("tokenizer.json", Encoding.UTF8.GetBytes(root.ToJsonString()));
        }
    }

    [Theory]
    [InlineData("gpt2", "tokenizer.json", 11)]
    [InlineData("llama2", "tokenizer.model", 12)]
    [InlineData("t5_unigram", "spiece.model", 13)]
    public void Load_MutatedBytes_ErrsOrWorks(string family, string file, int seed)
    {
        var random = new Random(seed);
        var source = File.ReadAllBytes(Path.Combine(TokenizerFixtures.Folder(family), file));
        for (var round = 0; round < 120; round++)
        {
            var bytes = source.ToArray();
            for (var change = 0; change <= random.Next(4); change++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(6) == 0) bytes = bytes[..random.Next(bytes.Length)];
            Try(file, bytes);
        }
    }

    private void Try(string name, byte[] content)
    {
        File.WriteAllBytes(Path.Combine(_folder, name), content);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var tokenizer = TextTokenizer.Load(_folder);
            var ids = tokenizer.Encode("A text, naïve 12345 <s> 😀\n\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", addSpecialTokens: true);
            tokenizer.Decode(ids, skipSpecialTokens: true);
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException)
        {
            Assert.True(error.Message.Length > 10 && error.Message.Contains("tokenizer", StringComparison.Ordinal) || error.Message.Contains(name, StringComparison.Ordinal), error.ToString());
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000_000);
    }

    /// <summary>A smaller vocabulary makes it likelier that a mutation hits something else.</summary>
    private static string Shrink(string source)
    {
        var root = JsonNode.Parse(source)!;
        if (root["normalizer"]?["precompiled_charsmap"] is null && root["model"]!["merges"] is JsonArray merges)
            while (merges.Count > 40) merges.RemoveAt(merges.Count - 1);
        return root.ToJsonString();
    }

    private static void Mutate(JsonNode root, Random random)
    {
        var node = root;
        while (true)
        {
            var children = node is JsonObject members ? members.Count : node is JsonArray items ? items.Count : 0;
            if (children == 0) return;
            var pick = random.Next(children);
            var child = node is JsonObject o ? o.ElementAt(pick).Value : node[pick];
            if (child is JsonObject or JsonArray && random.Next(4) > 0)
            {
                node = child;
                continue;
            }

            var odd = JsonNode.Parse(Odd[random.Next(Odd.Length)]);
            if (node is JsonArray list)
            {
                if (random.Next(3) == 0) list.RemoveAt(pick);
                else list[pick] = odd;
            }
            else
            {
                var owner = (JsonObject)node;
                var name = owner.ElementAt(pick).Key;
                if (random.Next(3) == 0) owner.Remove(name);
                else if (random.Next(4) == 0) owner[$"{name}x"] = odd;
                else owner[name] = odd;
            }

            return;
        }
    }
}
