using System.Text.Json;
using System.Text.Unicode;

namespace Studio.Core.Text.Tokenization;

/// <summary>A value of a JSON file together with where it stands, so that every complaint names the file, the field and what was found.</summary>
internal readonly record struct JsonNode(JsonElement Element, string Path)
{
    /// <summary>No id of a token is as high as this.</summary>
    public const int TokenIdLimit = 1 << 24;

    /// <summary>Parses a file; the result outlives the underlying document.</summary>
    /// <exception cref="InvalidDataException">The file is not JSON.</exception>
    public static JsonNode ParseFile(string file)
    {
        var name = System.IO.Path.GetFileName(file);
        ReadOnlyMemory<byte> bytes = File.ReadAllBytes(file);
        if (bytes.Span.StartsWith("version https://git-lfs"u8))
            throw new InvalidDataException($"{file}: this is a Git LFS pointer, not the file itself. Fetch it with 'git lfs pull'.");
        if (bytes.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) bytes = bytes[3..];
        if (!Utf8.IsValid(bytes.Span)) throw new InvalidDataException($"{file}: not valid UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return new JsonNode(document.RootElement.Clone(), name).Object();
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{file}: not valid JSON: {Excerpt.Of(error.Message, 300)}", error);
        }
    }

    /// <summary>Whether the value is a JSON null.</summary>
    public bool IsNull => Element.ValueKind == JsonValueKind.Null;

    /// <summary>The member, or null where it is missing or a JSON null.</summary>
    public JsonNode? Optional(string member)
    {
        try
        {
            return Element.TryGetProperty(member, out var value) && value.ValueKind != JsonValueKind.Null ? new JsonNode(value, $"{Path}.{member}") : null;
        }
        catch (InvalidOperationException error) when (Element.ValueKind == JsonValueKind.Object)
        {
            // The name of a member that was passed on the way.
            throw HalfSurrogate(error);
        }
    }

    /// <summary>The member, which must be there and not null.</summary>
    public JsonNode Required(string member) =>
        Optional(member) ?? throw new InvalidDataException($"{Path}.{member}: missing or null.");

    /// <summary>This node, which must be an object.</summary>
    public JsonNode Object() => Element.ValueKind == JsonValueKind.Object ? this : throw Invalid("an object");

    /// <summary>The items of an array.</summary>
    public IEnumerable<JsonNode> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array) throw Invalid("an array");
        var path = Path;
        return Element.EnumerateArray().Select((item, index) => new JsonNode(item, $"{path}[{index}]"));
    }

    /// <summary>The members of an object, in order.</summary>
    public IEnumerable<(string Name, JsonNode Value)> Members()
    {
        var path = Object().Path;
        return Element.EnumerateObject().Select(member =>
        {
            var name = new JsonNode(default, path).Name(member);
            return (name, new JsonNode(member.Value, $"{path}['{Excerpt.Of(name)}']"));
        });
    }

    /// <summary>The name of a member of this node.</summary>
    public string Name(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException error)
        {
            throw HalfSurrogate(error);
        }
    }

    /// <summary>Refuses members other than these, unless they are null: what is not known may change the result.</summary>
    /// <exception cref="NotSupportedException">There is another member.</exception>
    public void Known(params string[] members)
    {
        foreach (var (name, value) in Members())
            if (!value.IsNull && !members.Contains(name))
                throw new NotSupportedException($"{Path}.{Excerpt.Of(name)}: {value.Shown()} is an unknown member; known here: {string.Join(", ", members)}.");
    }

    /// <summary>A finite number.</summary>
    public double Number() => Element.ValueKind == JsonValueKind.Number && Element.TryGetDouble(out var value) && double.IsFinite(value)
        ? value
        : throw Invalid("a finite number");

    /// <summary>The text of a string of one character of the basic multilingual plane.</summary>
    public char Character()
    {
        var text = Text();
        if (text.Length == 2 && char.IsSurrogatePair(text, 0)) throw Unsupported("a character of the basic multilingual plane");
        return text.Length == 1 ? text[0] : throw Invalid("a text of one character");
    }

    /// <summary>The text of a string.</summary>
    public string Text()
    {
        if (Element.ValueKind != JsonValueKind.String) throw Invalid("a string");
        try
        {
            return Element.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw HalfSurrogate(error);
        }
    }

    /// <summary>A whole number of at least zero.</summary>
    public int Id() =>
        Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var value) && value >= 0 ? value : throw Invalid("a whole number of at least 0");

    /// <summary>The id of a token. Tables of a row per id are allocated elsewhere from the highest id; the largest vocabularies have about 300,000 tokens.</summary>
    public int TokenId() => Id() is var id and < TokenIdLimit ? id : throw Invalid($"an id below {TokenIdLimit}");

    /// <summary>A boolean member, or a default where it is missing.</summary>
    public bool Flag(string member, bool otherwise) => Optional(member) is not { } node ? otherwise : node.Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw node.Invalid("true or false"),
    };

    /// <summary>The error for a value of the wrong shape.</summary>
    public InvalidDataException Invalid(string wanted) => new($"{Path}: found {Shown()}, wanted {wanted}.");

    /// <summary>The error for a construct that is well formed but not supported.</summary>
    public NotSupportedException Unsupported(string wanted) => new($"{Path}: {Shown()} is not supported; supported: {wanted}.");

    // System.Text.Json reports an escaped half of a surrogate pair only when the text is read.
    private InvalidDataException HalfSurrogate(Exception error) => new($"{Path}: found half of a surrogate pair, wanted valid Unicode.", error);

    private string Shown()
    {
        var shown = Element.GetRawText();
        try
        {
            if (Element.ValueKind == JsonValueKind.String) shown = $"\"{Element.GetString()}\"";
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: show it escaped, as it is written.
        }

        return Excerpt.Of(shown, 80);
    }
}
