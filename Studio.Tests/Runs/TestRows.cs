using System.Text;
using System.Text.Json;
using Studio.Core.Data;

namespace Studio.Tests.Runs;

/// <summary>Short conversations from a fixed seed, as the lines of a JSONL file.</summary>
internal static class TestRows
{
    public static readonly string[] Words = ["red", "green", "blue", "cat", "dog", "tree", "sun", "rain", "walk", "sing", "the", "a", "and", "user", "assistant"];

    /// <summary>Conversations of one question and one answer.</summary>
    public static string Jsonl(int count, ulong seed = 3, int questionWords = 3, int answerWords = 4)
    {
        var random = new RandomSource(seed);
        var lines = new StringBuilder();
        for (int i = 0; i < count; i++) lines.Append(Line(Text(questionWords), Text(answerWords))).Append('\n');
        return lines.ToString();

        string Text(int most) => string.Join(' ', Enumerable.Range(0, 1 + random.Next(most)).Select(_ => Words[random.Next(Words.Length)]));
    }

    public static string Line(string question, string answer) => JsonSerializer.Serialize(new
    {
        messages = new[] { new { role = "user", content = question }, new { role = "assistant", content = answer } },
    });
}
