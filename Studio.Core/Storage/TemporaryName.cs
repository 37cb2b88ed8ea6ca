using System.Text.RegularExpressions;

namespace Studio.Core.Storage;

/// <summary>What a leftover of an interrupted write is.</summary>
internal enum LeftoverKind
{
    /// <summary>Content that was being written and never took its place.</summary>
    Unfinished,

    /// <summary>Content that was moved aside for its successor.</summary>
    Replaced,
}

/// <summary>
/// Names of files and folders on their way in or out: <c>.name.tmp-guid</c> while being written,
/// <c>.name.old-guid</c> while being replaced. The leading dot hides them; the form is strict, so that start-up
/// removes only what was made here.
/// </summary>
internal static partial class TemporaryName
{
    /// <summary>A fresh name beside <paramref name="target"/> to write its new content under.</summary>
    public static string ForWriting(string target) => Beside(target, "tmp");

    /// <summary>A fresh name beside <paramref name="target"/> to move its old content to.</summary>
    public static string ForReplaced(string target) => Beside(target, "old");

    /// <summary>Recognises a name made here and tells whose place it was meant for.</summary>
    public static bool TryParse(string path, out string target, out LeftoverKind kind)
    {
        var match = Pattern().Match(Path.GetFileName(path));
        target = match.Success ? Path.Combine(Path.GetDirectoryName(path) ?? "", match.Groups["name"].Value) : "";
        kind = match.Groups["kind"].Value == "old" ? LeftoverKind.Replaced : LeftoverKind.Unfinished;
        return match.Success;
    }

    private static string Beside(string target, string kind)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        return Path.Combine(Path.GetDirectoryName(full) ?? "", $".{Path.GetFileName(full)}.{kind}-{Guid.NewGuid():N}");
    }

    [GeneratedRegex(@"^\.(?<name>.+)\.(?<kind>tmp|old)-[0-9a-f]{32}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
