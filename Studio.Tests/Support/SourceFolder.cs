using System.Runtime.CompilerServices;

namespace Studio.Tests.Support;

/// <summary>The repository that these tests were built from.</summary>
internal static class SourceFolder
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "..", ".."));

    /// <summary>C# files of one project, without build output.</summary>
    public static IEnumerable<string> Files(string project) =>
        Directory.EnumerateFiles(Path.Combine(Root, project), "*.cs", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    private static string Here([CallerFilePath] string file = "") => file;
}
