namespace Studio.Core.Hub;

/// <summary>What a repository of the Hub holds.</summary>
public enum HubRepoKind
{
    /// <summary>A model.</summary>
    Model,

    /// <summary>A data set.</summary>
    Dataset,
}

/// <summary>A repository at a revision.</summary>
public sealed record HubRepo
{
    private const int LongestId = 200;
    private const int LongestRevision = 200;

    /// <summary>What it holds.</summary>
    public required HubRepoKind Kind { get; init; }

    /// <summary>Its id: <c>owner/name</c>, or <c>name</c> for a few old ones.</summary>
    public required string Id { get; init; }

    /// <summary>Branch, tag, pull request (refs/pr/1) or commit.</summary>
    public required string Revision { get; init; }

    /// <summary>Checks what a person wrote.</summary>
    /// <param name="kind">What it holds.</param>
    /// <param name="id">Id, or the address of its page.</param>
    /// <param name="revision">Revision; empty = main.</param>
    /// <exception cref="HubException">It is not an id or not a revision.</exception>
    public static HubRepo Parse(HubRepoKind kind, string? id, string? revision)
    {
        id = (id ?? "").Trim();
        revision = string.IsNullOrWhiteSpace(revision) ? "main" : revision.Trim();
        string[] parts = id.Split('/');
        if (id.Length > LongestId || parts.Length > 2 || !parts.All(IsName))
            throw new HubException(HubFailure.Malformed, $"'{Shown(id)}' is not an id of the Hub; expected owner/name, for example Qwen/Qwen2.5-0.5B-Instruct.");
        if (revision.Length > LongestRevision || !revision.Split('/').All(IsName))
            throw new HubException(HubFailure.Malformed, $"'{Shown(revision)}' is not a revision; expected a branch, a tag or a commit, for example main.");
        return new HubRepo { Kind = kind, Id = id, Revision = revision };
    }

    /// <summary>Whether a revision is a commit, which never changes.</summary>
    public static bool IsCommit(string revision) => revision is { Length: 40 } && revision.All(char.IsAsciiHexDigitLower);

    /// <summary>Path of its description, relative to the Hub's address.</summary>
    internal string InfoPath => $"api/{(Kind == HubRepoKind.Model ? "models" : "datasets")}/{Id}/revision/{Uri.EscapeDataString(Revision)}?blobs=true";

    /// <summary>Path of its page, relative to the Hub's address.</summary>
    internal string PagePath => Kind == HubRepoKind.Model ? Id : $"datasets/{Id}";

    /// <summary>Path of a file's content, relative to the Hub's address.</summary>
    internal string FilePath(string file) => $"{PagePath}/resolve/{Uri.EscapeDataString(Revision)}/{string.Join('/', file.Split('/').Select(Uri.EscapeDataString))}";

    private static bool IsName(string part) =>
        part is { Length: > 0 and <= 96 } && part[0] is not ('.' or '-') && part[^1] is not '.' && !part.Contains("..", StringComparison.Ordinal)
        && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '+');

    private static string Shown(string text) => text.Length <= 120 ? text : text[..120] + "…";
}
