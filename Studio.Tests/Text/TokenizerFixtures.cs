using System.Text.Json;
using Studio.Core.Text;

namespace Studio.Tests.Text;

/// <summary>Tokenizer families with the ids and texts that the Hugging Face tokenizers library 0.23.2 gives for them.</summary>
internal static class TokenizerFixtures
{
    public static string Folder(string family) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "tokenizers", family);

    public static TheoryData<string> Families() =>
        [.. Directory.GetDirectories(Path.Combine(AppContext.BaseDirectory, "Fixtures", "tokenizers")).Select(path => Path.GetFileName(path)!).Order()];

    public static TextTokenizer Load(string family) => TextTokenizer.Load(Folder(family));

    public static JsonElement Cases(string family, string file = "cases.json")
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder(family), file)));
        return document.RootElement.Clone();
    }

    public static int[] Ids(this JsonElement element, string member) =>
        [.. element.GetProperty(member).EnumerateArray().Select(id => id.GetInt32())];

    public static string Text(this JsonElement element, string member) => element.GetProperty(member).GetString()!;
}
