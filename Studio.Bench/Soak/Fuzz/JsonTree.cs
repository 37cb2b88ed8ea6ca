using System.Text.Json;

namespace Studio.Bench.Soak.Fuzz;

/// <summary>A value of a JSON text and where it stands, in bytes.</summary>
/// <param name="NameStart">Where its member begins; of an item or the root, where it begins itself.</param>
/// <param name="NameLength">Length of the name with its quotes; 0 where there is none.</param>
/// <param name="Start">Where the value begins.</param>
/// <param name="Kind">What it is.</param>
internal sealed record JsonPlace(int NameStart, int NameLength, int Start, JsonTokenType Kind)
{
    /// <summary>Where it ends.</summary>
    public int End { get; private set; }

    /// <summary>Members or items, in order.</summary>
    public List<JsonPlace> Children { get; } = [];

    /// <summary>Reads a text.</summary>
    /// <param name="json">Valid JSON.</param>
    /// <param name="offset">Added to all places.</param>
    public static JsonPlace Read(ReadOnlySpan<byte> json, int offset = 0)
    {
        var reader = new Utf8JsonReader(json);
        var open = new Stack<JsonPlace>();
        JsonPlace? root = null;
        (int Start, int Length) name = (-1, 0);
        while (reader.Read())
        {
            int start = offset + (int)reader.TokenStartIndex, end = offset + (int)reader.BytesConsumed;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    // Up to and without the colon that the reader takes along.
                    name = (start, reader.ValueSpan.Length + 2);
                    continue;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    open.Pop().End = end;
                    continue;
                default:
                    var place = new JsonPlace(name.Length > 0 ? name.Start : start, name.Length, start, reader.TokenType) { End = end };
                    name = (-1, 0);
                    root ??= place;
                    if (open.TryPeek(out var parent)) parent.Children.Add(place);
                    if (place.Kind is JsonTokenType.StartObject or JsonTokenType.StartArray) open.Push(place);
                    continue;
            }
        }
        return root!;
    }
}
