using System.Text;
using Studio.Bench.Starter;

namespace Studio.Bench.Measure;

/// <summary>
/// Text for measurements: words of several scripts in Zipf's proportions with punctuation, numbers, capitals and line breaks; a tenth of the
/// words are new ones, as in real text. The same seed gives the same text.
/// </summary>
internal sealed class GeneratedProse(int seed)
{
    private static readonly string[] Alphabets = ["etaoinshrdlucmfwygpbvkxqjz", "оеаинтсрвлкмдпуяыьгзбчй", "的一是不了人我在有他这中大来上"];

    private readonly SeededRandom _random = new(seed);
    private readonly List<string> _words = [];

    /// <summary>About so many bytes of text.</summary>
    public string Take(int bytes)
    {
        var text = new StringBuilder();
        for (int count = 0, size = 0; size < bytes; count++)
        {
            string word = Word();
            if (_random.Next(12) == 0) word = char.ToUpperInvariant(word[0]) + word[1..];
            string after = _random.Next(20) switch
            {
                0 => ".\n",
                1 => ", ",
                2 => $" {_random.Next(10000)} ",
                3 => "'s ",
                _ => " ",
            };
            text.Append(word).Append(after);
            size += Encoding.UTF8.GetByteCount(word) + after.Length;
        }

        return text.ToString();
    }

    private string Word()
    {
        if (_words.Count > 100 && _random.Next(10) != 0)
        {
            double rank = Math.Pow(_words.Count, _random.Next(1 << 24) / (double)(1 << 24)) - 1; // Zipf: the logarithm of the rank is uniform
            return _words[(int)rank];
        }

        string alphabet = Alphabets[_random.Next(8) is var pick and < 2 ? pick + 1 : 0];
        int length = 1 + (_random.Next(6) + _random.Next(6));
        var word = new StringBuilder();
        for (int i = 0; i < length; i++) word.Append(alphabet[Math.Min(_random.Next(alphabet.Length), _random.Next(alphabet.Length))]);
        _words.Add(word.ToString());
        return word.ToString();
    }
}
