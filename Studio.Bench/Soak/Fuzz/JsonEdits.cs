using System.Text;
using System.Text.Json;
using Studio.Bench.Starter;

namespace Studio.Bench.Soak.Fuzz;

/// <summary>Edits that know JSON: values of other types, moved, repeated, renamed and missing members.</summary>
internal static class JsonEdits
{
    /// <summary>One edit of a text.</summary>
    /// <param name="file">The bytes that the tree speaks of.</param>
    /// <param name="root">The tree.</param>
    /// <param name="random">What chooses.</param>
    public static Splice Make(byte[] file, JsonPlace root, SeededRandom random)
    {
        var (parent, index) = Walk(root, random);
        if (parent is null) return Replace(root, OddValues.Pick(random));
        var place = parent.Children[index];
        return random.Next(10) switch
        {
            0 => Remove(parent, index),
            1 => Replace(place, Bytes(file, Any(root, random))),
            2 => Insert(place.NameStart, [.. file[place.NameStart..place.End], (byte)',']),
            3 => Insert(place.NameStart, [.. file[place.NameStart..place.Start], .. OddValues.Pick(random), (byte)',']),
            4 when place.NameLength > 0 => new Splice(place.NameStart, place.NameLength, Name(file, root, random)),
            5 when place.NameLength > 0 => Insert(place.NameStart, [.. Name(file, root, random), (byte)':', .. OddValues.Pick(random), (byte)',']),
            6 or 7 when place.Kind == JsonTokenType.Number => Replace(place, Number(file, place, random)),
            6 or 7 when place.Kind == JsonTokenType.String => Within(place, random),
            _ => Replace(place, OddValues.Pick(random)),
        };
    }

    // Three of four steps go further down, so that a vocabulary does not take all edits.
    private static (JsonPlace? Parent, int Index) Walk(JsonPlace root, SeededRandom random)
    {
        JsonPlace? parent = null;
        int index = 0;
        for (var place = root; place.Children.Count > 0 && (parent is null || random.Next(4) > 0); place = parent.Children[index]) (parent, index) = (place, random.Next(place.Children.Count));
        return (parent, index);
    }

    private static JsonPlace Any(JsonPlace root, SeededRandom random) => Walk(root, random) is ({ } parent, var index) ? parent.Children[index] : root;

    private static Splice Remove(JsonPlace parent, int index)
    {
        var place = parent.Children[index];
        if (index + 1 < parent.Children.Count) return new Splice(place.NameStart, parent.Children[index + 1].NameStart - place.NameStart, []);
        int start = index > 0 ? parent.Children[index - 1].End : place.NameStart;
        return new Splice(start, place.End - start, []);
    }

    private static byte[] Name(byte[] file, JsonPlace root, SeededRandom random) =>
        Any(root, random) is { NameLength: > 0 } other && random.Next(3) > 0 ? file[other.NameStart..(other.NameStart + other.NameLength)]
            : Encoding.UTF8.GetBytes(random.Pick((string[])["\"\"", "\"x\"", "\"type\"", "\"__metadata__\"", "\"\\ud800\"", "\"weight_map\"", "\"rope_scaling\"", "\"default\""]));

    private static byte[] Number(byte[] file, JsonPlace place, SeededRandom random)
    {
        string text = Encoding.ASCII.GetString(Bytes(file, place));
        return Encoding.ASCII.GetBytes(random.Next(7) switch
        {
            0 => "-" + text,
            1 => text + "0",
            2 => text + ".5",
            3 => text + "e9",
            4 => text.Length > 1 ? text[..^1] : "9",
            5 => double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out double up) ? (up + 1).ToString("R", System.Globalization.CultureInfo.InvariantCulture) : "1",
            _ => double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out double down) ? (down - 1).ToString("R", System.Globalization.CultureInfo.InvariantCulture) : "0",
        });
    }

    private static Splice Within(JsonPlace place, SeededRandom random)
    {
        int length = place.End - place.Start - 2, at = place.Start + 1 + random.Next(length + 1);
        string odd = random.Pick((string[])["\\u0000", "\\ud83d", "\\\\", " ", "\u2581", "\u0120", "{{", "{%", "(", "[", "*", "?", "|", "$", "\ud83d\ude00", "a\u0301", "\ufffd"]);
        return random.Next(3) switch
        {
            0 => Insert(at, Encoding.UTF8.GetBytes(odd)),
            1 => new Splice(at, Math.Min(place.End - 1 - at, 1 + random.Next(8)), []),
            _ => Insert(at, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(odd, 1 << random.Next(14))))),
        };
    }

    private static Splice Replace(JsonPlace place, byte[] with) => new(place.Start, place.End - place.Start, with);

    private static Splice Insert(int at, byte[] with) => new(at, 0, with);

    private static byte[] Bytes(byte[] file, JsonPlace place) => file[place.Start..place.End];
}
