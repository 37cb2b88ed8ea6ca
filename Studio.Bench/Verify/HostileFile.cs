using System.Text.Json;

namespace Studio.Bench.Verify;

/// <summary>A hostile file and what must come of it, from <c>hostile/index.json</c>.</summary>
/// <param name="Name">Its path below the hostile folder.</param>
/// <param name="Kind">The member of the index that lists it: templates, tokenizers, ...</param>
/// <param name="Class">Of a template: limit, limit_or_output, error, security or syntax.</param>
/// <param name="Must">What a good engine does, in words.</param>
/// <param name="Reference">What jinja2 rendered, where it did.</param>
internal sealed record HostileFile(string Name, string Kind, string? Class, string Must, string? Reference)
{
    public const string Folder = "hostile";

    /// <summary>All files of the index.</summary>
    /// <exception cref="DirectoryNotFoundException">The root has no hostile folder with an index.</exception>
    public static IReadOnlyList<HostileFile> ReadAll(string root)
    {
        using var index = Index(root);
        return [.. index.RootElement.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.Array).SelectMany(member =>
            member.Value.EnumerateArray().Where(file => file.TryGetProperty("file", out _)).Select(file => new HostileFile(Text(file, "file")!, member.Name, Text(file, "class"), Text(file, "must") ?? "", Output(file))))];
    }

    /// <summary>The bounds that hold for every file.</summary>
    public static (double Seconds, double Megabytes) Limits(string root)
    {
        using var index = Index(root);
        var limits = index.RootElement.GetProperty("limits");
        return (limits.GetProperty("seconds").GetDouble(), limits.GetProperty("megabytes").GetDouble());
    }

    /// <summary>The variables that templates are rendered with.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Variables(string root)
    {
        using var index = Index(root);
        return index.RootElement.TryGetProperty("template_vars", out var variables)
            ? variables.Clone().EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal) : new Dictionary<string, JsonElement>();
    }

    /// <summary>Why an outcome is not what must come of this file; null where it is.</summary>
    /// <param name="outcome">What came of it.</param>
    public string? Objection(HostileOutcome outcome) => Class switch
    {
        "limit" => outcome.Loaded ? "it rendered, but must end with an error" : null,
        "syntax" => outcome.Loaded ? "it rendered, but must be refused when parsed" : outcome.AtParsing ? null : $"it must be refused when parsed; found '{outcome.Error}'",
        "error" => outcome.Loaded && outcome.Output != "" ? "it rendered text, but must end with an error or nothing" : null,
        "security" or "limit_or_output" => outcome.Loaded && Reference is not null && Reference != outcome.Output ? TextDifference.Describe(Reference, outcome.Output ?? "") : null,
        _ => Must.StartsWith("loads", StringComparison.Ordinal) && !outcome.Loaded ? $"it must load; found '{outcome.Error}'"
            : Must.StartsWith("error", StringComparison.Ordinal) && !Must.Contains(" or ", StringComparison.Ordinal) && outcome.Error is null ? "it loaded, but must be refused"
            : Must.Contains("must stop with an error", StringComparison.Ordinal) && outcome.Error is null ? "encoding must stop with an error"
            : null,
    };

    private static JsonDocument Index(string root)
    {
        string path = Path.Combine(root, Folder, "index.json");
        return File.Exists(path) ? JsonDocument.Parse(File.ReadAllBytes(path)) : throw new DirectoryNotFoundException($"'{path}' does not exist; the root must hold it.");
    }

    private static string? Output(JsonElement file)
    {
        if (!file.TryGetProperty("python_jinja2", out var python) || !python.TryGetProperty("output", out var output)) return null;
        try
        {
            return output.GetString();
        }
        catch (InvalidOperationException)
        {
            // A lone surrogate, which JSON can spell and .NET's reader refuses: nothing to compare with.
            return null;
        }
    }

    private static string? Text(JsonElement element, string member) => element.TryGetProperty(member, out var value) ? value.GetString() : null;
}

/// <summary>What came of a hostile file in a process of its own.</summary>
internal sealed record HostileOutcome
{
    /// <summary>Whether it loaded (of a template: rendered).</summary>
    public bool Loaded { get; init; }

    /// <summary>The rendered text.</summary>
    public string? Output { get; init; }

    /// <summary>The refusal, or what failed after loading.</summary>
    public string? Error { get; init; }

    /// <summary>Whether a template was refused by the parser, with its place.</summary>
    public bool AtParsing { get; init; }

    /// <summary>Whether the error is one that people are meant to see; another is a fault of ours.</summary>
    public bool Clear { get; init; } = true;

    /// <summary>Processor time, or the time on the clock where that was less.</summary>
    public double Seconds { get; init; }

    /// <summary>Growth of the process's memory at its peak.</summary>
    public double Megabytes { get; init; }
}
