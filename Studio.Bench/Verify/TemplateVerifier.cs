using System.Globalization;
using System.Text.Json;
using Studio.Core.Text.Jinja;

namespace Studio.Bench.Verify;

/// <summary>
/// Compares rendered chat templates with jinja2's output. A case is a template with all its conversations, the file of micro cases, or the file
/// of cases that only jinja2 renders.
/// </summary>
internal static class TemplateVerifier
{
    private const string Micro = "_micro";
    private static readonly string[] CaseFiles = ["chat_templates_python_only", "chat_templates_disagreements"];

    /// <summary>Names of all cases, sorted.</summary>
    /// <exception cref="DirectoryNotFoundException">The root has no chat_templates folder.</exception>
    public static IEnumerable<string> Names(string root)
    {
        string folder = FolderOf(root);
        return Directory.EnumerateFiles(folder, "*.jinja").Select(path => Path.GetFileNameWithoutExtension(path)!)
            .Where(name => File.Exists(Path.Combine(folder, name + ".json")))
            .Concat(File.Exists(Path.Combine(folder, Micro + ".json")) ? [Micro] : [])
            .Concat(CaseFiles.Where(name => File.Exists(Path.Combine(root, name + ".json"))))
            .Order(StringComparer.Ordinal);
    }

    /// <summary>Renders everything of a case.</summary>
    public static CaseVerdict Verify(string root, string name)
    {
        int count = 0;
        foreach (var item in Items(root, name))
        {
            count++;
            if (Difference(item) is { } difference) return new CaseVerdict(name, false, $"{item.Name}: {difference}".ReplaceLineEndings(" "));
        }

        return count > 0 ? new CaseVerdict(name, true, $"{count} renderings equal") : new CaseVerdict(name, false, "the reference holds nothing to compare with");
    }

    /// <summary>The first difference of a rendering from its reference; null for none.</summary>
    private static string? Difference(TemplateCase item)
    {
        try
        {
            var rendering = JinjaTemplate.Parse(item.Template).Render(item.Variables, item.Now);
            if (item.Expected is not { } expected) return $"expected the error {item.Error}, found text of {rendering.Text.Length} characters";
            if (TextDifference.Describe(expected, rendering.Text) is { } difference) return difference;
            return item.Spans is null || item.Spans.SequenceEqual(rendering.Generations) ? null
                : $"generation spans: expected {string.Join(' ', item.Spans)}, found {string.Join(' ', rendering.Generations)}";
        }
        catch (JinjaException error)
        {
            if (item.Expected is not null) return $"expected text, found the error '{error.Message}'";
            if (item.ErrorKind == "raise_exception") return error.Kind == JinjaErrorKind.Raised ? TextDifference.Describe(item.Error!, error.Reason)
                : $"expected raise_exception('{item.Error}'), found the error '{error.Message}'";
            return item.ErrorKind == "syntax" && error.Kind != JinjaErrorKind.Syntax ? $"expected a syntax error, found the error '{error.Message}'" : null;
        }
    }

    private static IEnumerable<TemplateCase> Items(string root, string name)
    {
        string folder = FolderOf(root);
        if (!CaseFiles.Contains(name))
        {
            var set = new TemplateSet(folder, name);
            return name == Micro ? set.MicroCases() : set.Conversations();
        }

        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, name + ".json")));
        var micro = new Lazy<TemplateSet>(() => new TemplateSet(folder, Micro));
        // The file of disagreements holds two answers; jinja2's is the reference.
        return [.. document.RootElement.Clone().EnumerateArray().Select(element =>
        {
            var answer = element.TryGetProperty("python_jinja2", out var python) ? python : element;
            return element.TryGetProperty("micro", out var flag) && flag.GetBoolean()
                ? micro.Value.MicroCase(element, answer)
                : new TemplateSet(folder, element.GetProperty("template").GetString()!).Conversation(element, answer);
        })];
    }

    private static string FolderOf(string root)
    {
        string folder = Path.Combine(root, "chat_templates");
        return Directory.Exists(folder) ? folder : throw new DirectoryNotFoundException($"'{folder}' does not exist; the root must hold it.");
    }
}

/// <summary>A template with variables and what jinja2 made of them.</summary>
internal sealed record TemplateCase(string Name, string Template, IReadOnlyDictionary<string, JsonElement> Variables, DateTime Now)
{
    /// <summary>The expected text; null where rendering must fail.</summary>
    public string? Expected { get; init; }

    /// <summary>Kind of the expected error.</summary>
    public string? ErrorKind { get; init; }

    /// <summary>Message of the expected error.</summary>
    public string? Error { get; init; }

    /// <summary>The expected generation blocks, where the reference has them.</summary>
    public IReadOnlyList<JinjaSpan>? Spans { get; init; }
}

/// <summary>A reference file of a template, or the one of micro cases.</summary>
internal sealed class TemplateSet
{
    private readonly JsonElement _root;
    private readonly string _template;
    private readonly DateTime _now;

    public TemplateSet(string folder, string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, name + ".json")));
        _root = document.RootElement.Clone();
        string path = Path.Combine(folder, name + ".jinja");
        _template = File.Exists(path) ? File.ReadAllText(path) : "";
        _now = _root.TryGetProperty("now", out var now) ? DateTime.Parse(now.GetString()!, CultureInfo.InvariantCulture) : DateTime.UnixEpoch;
    }

    public IEnumerable<TemplateCase> Conversations() => Cases().Select(element => Conversation(element, element));

    public IEnumerable<TemplateCase> MicroCases() => Cases().Select(element => MicroCase(element, element));

    /// <summary>A conversation with this template: messages, special tokens, and the template's arguments.</summary>
    public TemplateCase Conversation(JsonElement element, JsonElement answer)
    {
        using var defaults = JsonDocument.Parse("""{"tools": null, "documents": null, "add_generation_prompt": false}""");
        var variables = defaults.RootElement.Clone().EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
        variables["messages"] = element.GetProperty("messages");
        foreach (string token in new[] { "bos_token", "eos_token" })
            if (_root.TryGetProperty(token, out var value)) variables[token] = value;
        if (element.TryGetProperty("kwargs", out var arguments))
            foreach (var member in arguments.EnumerateObject()) variables[member.Name] = member.Value;
        string name = element.TryGetProperty("name", out var given) ? given.GetString()! : "conversation";
        return Answered(new TemplateCase(_template.Length > 0 && element.TryGetProperty("template", out var template) ? $"{template.GetString()}/{name}" : name, _template, variables, _now), answer);
    }

    /// <summary>A template of one construct.</summary>
    public TemplateCase MicroCase(JsonElement element, JsonElement answer)
    {
        string template = element.GetProperty("template").GetString()!;
        var variables = element.TryGetProperty("vars", out var own) ? own : _root.GetProperty("default_vars");
        return Answered(new TemplateCase(JsonSerializer.Serialize(template), template,
            variables.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal), _now), answer);
    }

    private JsonElement.ArrayEnumerator Cases() => _root.GetProperty("cases").EnumerateArray();

    private static TemplateCase Answered(TemplateCase item, JsonElement answer)
    {
        if (answer.TryGetProperty("error", out var error))
            return item with { ErrorKind = error.GetProperty("kind").GetString(), Error = error.TryGetProperty("message", out var message) ? message.GetString() : "" };
        string? expected = answer.TryGetProperty("expected", out var text) || answer.TryGetProperty("output", out text) ? text.GetString() : null;
        return item with
        {
            Expected = expected ?? throw new InvalidDataException($"{item.Name}: the reference has neither text nor error."),
            Spans = answer.TryGetProperty("generation_spans", out var spans)
                ? [.. spans.EnumerateArray().Select(span => new JinjaSpan(span[0].GetInt32(), span[1].GetInt32()))] : null,
        };
    }
}
