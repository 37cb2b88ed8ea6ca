using System.Text.Json;
using System.Text.RegularExpressions;
using Studio.Core;
using Studio.Core.Adapters;

namespace Studio.Web.Api;

/// <summary>Puts what the JSON reader found into words for whoever wrote the JSON: the path, what is wrong, what was wanted; no names of .NET types.</summary>
public static partial class JsonFindings
{
    /// <summary>One sentence about malformed or misshapen JSON.</summary>
    public static string Describe(JsonException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        string path = error.Path is { Length: > 0 } known ? known : "$";
        string message = error.Message;
        if (Unmapped().Match(message) is { Success: true } unmapped)
            return $"{ParentOf(path, unmapped.Groups[1].Value)}: there is no member '{unmapped.Groups[1].Value}'. Check its spelling; names are in camelCase.";
        if (Missing().Match(message) is { Success: true } missing) return $"{path}: missing {missing.Groups[1].Value}.";
        if (Duplicate().IsMatch(message)) return $"{path}: the member is there twice.";
        if (message.Contains("does not contain any JSON tokens", StringComparison.Ordinal)) return "The body is empty; wanted a JSON object.";
        if (OtherToken().Match(error.InnerException?.Message ?? "") is { Success: true } token) return $"{path}: the value is not {WantedBy(token.Groups[1].Value)}.";
        if (Unconvertible().Match(message) is { Success: true } type) return $"{path}: the value is not {WantedBy(type.Groups[1].Value)}.";
        if (message.Contains("type discriminator", StringComparison.Ordinal)) return $"{path}: the method is unknown; expected {Methods}.";
        if (Null().IsMatch(message)) return $"{path}: the value is null; expected one, or leave the member out.";
        string where = error.LineNumber is { } line ? $" (line {line + 1}, byte {error.BytePositionInLine + 1})" : "";
        return $"{path}: {Position().Replace(message, "").TrimEnd('.')}{where}.";
    }

    /// <summary>One sentence about an adapter's settings that do not name their method.</summary>
    public static string DescribeUnchosen(NotSupportedException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        string path = PathIn().Match(error.Message) is { Success: true } match ? match.Groups[1].Value : "$";
        return $"{path}: the member 'method' is missing; expected {Methods}.";
    }

    private static string Methods => string.Join(", ", AdapterMethods.All.Select(method => $"\"{method.Name}\""));

    // The reader's path ends with the unknown member itself, or with the object that holds it.
    private static string ParentOf(string path, string member) =>
        path.EndsWith("." + member, StringComparison.Ordinal) ? path[..^(member.Length + 1)] : path;

    private static string WantedBy(string type)
    {
        type = Nullable().Match(type) is { Success: true } inner ? inner.Groups[1].Value : type;
        if (typeof(StudioException).Assembly.GetType(type) is { IsEnum: true } words)
            return "one of " + string.Join(", ", Enum.GetNames(words).Select(JsonNamingPolicy.CamelCase.ConvertName));
        return type switch
        {
            "System.Int32" or "System.Int64" => "a whole number in range",
            "System.Double" => "a number",
            "System.Boolean" or "boolean" => "true or false",
            "System.String" or "string" => "a text",
            _ when type.Contains("Dictionary", StringComparison.Ordinal) => "an object of names and values",
            _ when type.Contains("IReadOnlyList", StringComparison.Ordinal) || type.EndsWith("[]", StringComparison.Ordinal) => "a list",
            _ => "an object",
        };
    }

    [GeneratedRegex("^The JSON property '(.+?)' could not be mapped")]
    private static partial Regex Unmapped();

    [GeneratedRegex("missing required properties including: (.+?)\\.(?: Path|$)")]
    private static partial Regex Missing();

    [GeneratedRegex("^The JSON value could not be converted to (.+?)\\.(?: Path|$)")]
    private static partial Regex Unconvertible();

    [GeneratedRegex("^Duplicate property '")]
    private static partial Regex Duplicate();

    [GeneratedRegex("^Cannot get the value of a token type '\\w+' as a (string|boolean)")]
    private static partial Regex OtherToken();

    [GeneratedRegex("doesn't allow (?:setting|getting)? ?null values|null literal")]
    private static partial Regex Null();

    [GeneratedRegex(" (?:Path: .*)?(?:\\| )?LineNumber: .*$")]
    private static partial Regex Position();

    [GeneratedRegex("Path: (\\S+)")]
    private static partial Regex PathIn();

    [GeneratedRegex("^System\\.Nullable`1\\[(.+)\\]$")]
    private static partial Regex Nullable();
}
