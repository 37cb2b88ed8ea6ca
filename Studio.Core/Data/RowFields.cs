using System.Text.Json;

namespace Studio.Core.Data;

/// <summary>A row cannot be used; carries the column and the reason.</summary>
internal sealed class RowException(string column, string message) : Exception(message)
{
    public string Column { get; } = column;
}

/// <summary>The fields of a JSON object in a row, with the path that errors name.</summary>
internal readonly record struct RowFields(JsonElement Element, string Path)
{
    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The text of a field, which must be a string that is not blank.</summary>
    public string Text(string name)
    {
        var text = OptionalText(name) ?? throw Missing(name, "a string");
        return string.IsNullOrWhiteSpace(text) ? throw new RowException(Column(name), "found an empty text, wanted some content") : text;
    }

    /// <summary>The text of a field that may be missing, null or empty.</summary>
    public string? OptionalText(string name)
    {
        if (!Has(name)) return null;
        var value = Element.GetProperty(name);
        if (value.ValueKind != JsonValueKind.String) throw new RowException(Column(name), $"found a JSON {NameOf(value.ValueKind)}, wanted a string");
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            throw new RowException(Column(name), "found half of a surrogate pair, wanted valid Unicode");
        }
    }

    /// <summary>The objects of a field, which must be a list with at least one.</summary>
    public IEnumerable<RowFields> Objects(string name)
    {
        if (!Has(name)) throw Missing(name, "a list");
        var value = Element.GetProperty(name);
        if (value.ValueKind != JsonValueKind.Array) throw new RowException(Column(name), $"found a JSON {NameOf(value.ValueKind)}, wanted a list");
        if (value.GetArrayLength() == 0) throw new RowException(Column(name), "found an empty list, wanted at least one entry");
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var path = $"{Column(name)}[{index++}]";
            if (item.ValueKind != JsonValueKind.Object) throw new RowException(path, $"found a JSON {NameOf(item.ValueKind)}, wanted an object");
            yield return new RowFields(item, path);
        }
    }

    /// <summary>The path of a field.</summary>
    public string Column(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    /// <summary>A kind of JSON value in words.</summary>
    public static string NameOf(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "list",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private RowException Missing(string name, string wanted) => new(Column(name), $"missing or null, wanted {wanted}");
}
