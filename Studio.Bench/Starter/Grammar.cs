namespace Studio.Bench.Starter;

/// <summary>The few rules of English that templates need.</summary>
public static class Grammar
{
    private static readonly string[] NumberWords =
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

    /// <summary>"an" before a vowel sound, else "a".</summary>
    public static string Article(string noun)
    {
        var vowelLetter = noun.Length > 0 && "aeiouAEIOU".Contains(noun[0], StringComparison.Ordinal);
        var soundsLikeYou = noun.StartsWith("uni", StringComparison.Ordinal) || noun.StartsWith("use", StringComparison.Ordinal);
        return vowelLetter && !soundsLikeYou ? "an" : "a";
    }

    /// <summary>The noun with its article.</summary>
    public static string WithArticle(string noun) => $"{Article(noun)} {noun}";

    /// <summary>"zero" to "ten".</summary>
    public static string NumberWord(int number) => NumberWords[number];

    /// <summary>"cats, dogs and cows".</summary>
    public static string Join(IReadOnlyList<string> items) =>
        items.Count < 2 ? string.Concat(items) : $"{string.Join(", ", items.Take(items.Count - 1))} and {items[^1]}";

    /// <summary>A capital at the start and after every full stop, exclamation mark, question mark or opening quote that begins a sentence.</summary>
    public static string Capitalise(string text)
    {
        var letters = text.ToCharArray();
        var atStart = true;
        for (var i = 0; i < letters.Length; i++)
        {
            if (char.IsLetterOrDigit(letters[i]))
            {
                if (atStart)
                    letters[i] = char.ToUpperInvariant(letters[i]);
                atStart = false;
            }
            else if (letters[i] is '.' or '!' or '?')
            {
                atStart = EndsSentence(letters, i);
            }
        }
        return new string(letters);
    }

    /// <summary>How many words a text has, split at blanks.</summary>
    public static int WordCount(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    // A mark inside closing quotes ("Help!" said the pirate) does not begin a new sentence.
    private static bool EndsSentence(char[] letters, int mark) => mark + 1 >= letters.Length || letters[mark + 1] is ' ' or '\n';
}
