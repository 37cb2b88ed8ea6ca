using System.Text.RegularExpressions;

namespace Studio.Bench.Verify;

/// <summary>A kind of reference case.</summary>
public enum CaseKind
{
    /// <summary>Model folders.</summary>
    Models,

    /// <summary>Adapter folders, below the name of their base.</summary>
    Adapters,

    /// <summary>Recorded trainings, named base__method.</summary>
    Traces,

    /// <summary>Tokenizer folders, a family each.</summary>
    Tokenizers,

    /// <summary>Chat templates with their conversations, micro cases, and cases that only jinja2 renders.</summary>
    Templates,

    /// <summary>Hostile files, each loaded in a process of its own.</summary>
    Hostile,
}

/// <summary>Finds the cases below a root by their reference file. A case's name is its path below the folder of its kind, with forward slashes.</summary>
internal static class CaseFinder
{
    public const string GoldenName = "golden.safetensors";
    public const string TraceName = "trace.safetensors";
    public const string TokenizerCasesName = "cases.json";

    /// <summary>The folder that holds the cases of a kind.</summary>
    /// <exception cref="DirectoryNotFoundException">The root has no such folder.</exception>
    public static string FolderOf(string root, CaseKind kind)
    {
        string folder = Path.Combine(root, kind switch
        {
            CaseKind.Models => "models",
            CaseKind.Adapters => "adapters",
            CaseKind.Tokenizers => "tokenizers",
            _ => "traces",
        });
        return Directory.Exists(folder) ? folder : throw new DirectoryNotFoundException($"'{folder}' does not exist; the root must hold it.");
    }

    /// <summary>Names of all cases, sorted.</summary>
    public static IEnumerable<string> Names(string root, CaseKind kind)
    {
        string folder = FolderOf(root, kind), marker = kind switch
        {
            CaseKind.Traces => TraceName,
            CaseKind.Tokenizers => TokenizerCasesName,
            _ => GoldenName,
        };
        return Directory.EnumerateFiles(folder, marker, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, Path.GetDirectoryName(file)!).Replace('\\', '/'))
            .Where(name => name != ".")
            .Order(StringComparer.Ordinal);
    }

    /// <summary>Whether a name matches a glob: <c>*</c> stands for any text, <c>?</c> for one character, anything else for itself.</summary>
    public static bool Matches(string name, string glob)
    {
        string pattern = Regex.Escape(glob).Replace(@"\*", ".*", StringComparison.Ordinal).Replace(@"\?", ".", StringComparison.Ordinal);
        return Regex.IsMatch(name, $"^{pattern}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    /// <summary>Folder of the base model that a case needs.</summary>
    /// <exception cref="InvalidDataException">The name does not say which.</exception>
    public static string BaseFolder(string root, CaseKind kind, string name)
    {
        int end = kind == CaseKind.Adapters ? name.LastIndexOf('/') : name.IndexOf("__", StringComparison.Ordinal);
        if (end <= 0)
            throw new InvalidDataException($"The case '{name}' does not name its base; expected {(kind == CaseKind.Adapters ? "base/method" : "base__method")}.");
        return Path.Combine(FolderOf(root, CaseKind.Models), name[..end]);
    }
}
