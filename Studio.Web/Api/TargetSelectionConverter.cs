using System.Text.Json;
using System.Text.Json.Serialization;
using Studio.Core.Adapters;

namespace Studio.Web.Api;

/// <summary>
/// Target modules in PEFT's short forms: a text is <c>all-linear</c> or a regular expression, a list holds names. The long form is an object
/// with <c>names</c> or <c>pattern</c>, <c>excluded</c> and <c>blocks</c>.
/// </summary>
public sealed class TargetSelectionConverter : JsonConverter<TargetSelection>
{
    /// <inheritdoc/>
    public override TargetSelection? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => new TargetSelection { Pattern = reader.GetString() },
        JsonTokenType.StartArray => new TargetSelection { Names = Names(JsonSerializer.Deserialize<string[]>(ref reader, options)) },
        JsonTokenType.StartObject => Selection(ReadLong(ref reader, options)),
        _ => throw new JsonException("The target modules are a text (all-linear or a regular expression), a list of names, or an object."),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TargetSelection value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Excluded.Count > 0 || value.Blocks.Count > 0)
            JsonSerializer.Serialize(writer, new LongForm(value.Names, value.Pattern, value.Excluded, value.Blocks), options);
        else if (value.Pattern is { } pattern)
            writer.WriteStringValue(pattern);
        else
            JsonSerializer.Serialize(writer, value.Names, options);
    }

    // The inner reader starts a path of its own; what it found is said again, so that the outer one adds where.
    private static LongForm ReadLong(ref Utf8JsonReader reader, JsonSerializerOptions options)
    {
        try
        {
            return JsonSerializer.Deserialize<LongForm>(ref reader, options)!;
        }
        catch (JsonException error)
        {
            throw new JsonException(JsonFindings.Describe(error).TrimStart('$', '.', ':', ' '));
        }
    }

    private static TargetSelection Selection(LongForm form)
    {
        if (form is { Pattern: not null, Names.Count: > 0 })
            throw new JsonException("The target modules have names and a pattern; expected one of them.");
        return new TargetSelection { Names = Names(form.Names), Pattern = form.Pattern, Excluded = Names(form.Excluded), Blocks = form.Blocks ?? [] };
    }

    private static IReadOnlyList<string> Names(IReadOnlyList<string?>? names) =>
        [.. (names ?? []).Select(name => name ?? throw new JsonException("A name of a target module is null; expected a text."))];

    private sealed record LongForm(IReadOnlyList<string>? Names = null, string? Pattern = null, IReadOnlyList<string>? Excluded = null, IReadOnlyList<int>? Blocks = null);
}
