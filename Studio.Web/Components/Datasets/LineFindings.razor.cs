using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;

namespace Studio.Web.Components.Datasets;

/// <summary>What is wrong with which line of a file.</summary>
public sealed partial class LineFindings
{
    /// <summary>The findings, each "Line 3: what is wrong".</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<string> Lines { get; set; }

    /// <summary>Broken lines that are not listed. Default: 0.</summary>
    [Parameter] public long More { get; set; }

    /// <summary>What a screen reader says. Default: Broken lines.</summary>
    [Parameter] public string Label { get; set; } = "Broken lines";

    /// <summary>Problems as findings.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<DatasetProblem> problems) => [.. problems.Select(problem => $"Line {problem.Line}: {problem.Message}")];

    private static (string Place, string Text) Split(string line)
    {
        var end = line.IndexOf(": ", StringComparison.Ordinal);
        return line.StartsWith("Line ", StringComparison.Ordinal) && end > 0 ? (line[..end], line[(end + 2)..]) : ("", line);
    }
}
