using System.Text.Json;

namespace Studio.Core.Hub;

/// <summary>A file of a repository.</summary>
/// <param name="Name">Name with folders, '/' between them; as the server gave it.</param>
/// <param name="Bytes">Size.</param>
/// <param name="Sha256">SHA-256 of the content in lower-case hex, for a file in large file storage; else null.</param>
/// <param name="BlobSha1">Git's SHA-1 of the content, for every other file; else null.</param>
public sealed record HubFile(string Name, long Bytes, string? Sha256, string? BlobSha1)
{
    /// <summary>What the content is checked against.</summary>
    internal string Checksum => Sha256 ?? BlobSha1!;
}

/// <summary>A repository as the Hub describes it at one commit.</summary>
/// <param name="Repo">The repository, with the commit as its revision.</param>
/// <param name="Files">Its files.</param>
/// <param name="License">License that its card states, or null.</param>
/// <param name="Card">The head of its card; undefined where there is none.</param>
public sealed record HubRepoInfo(HubRepo Repo, IReadOnlyList<HubFile> Files, string? License, JsonElement Card)
{
    private const int MostFiles = 200_000;

    /// <summary>Reads the answer of the Hub.</summary>
    /// <exception cref="HubException">A field that is needed is missing or of another kind.</exception>
    internal static HubRepoInfo Read(HubRepo asked, JsonElement answer)
    {
        if (answer.ValueKind != JsonValueKind.Object) throw Bad(asked, "the answer is not a JSON object");
        string sha = Text(answer, "sha") ?? "";
        if (!HubRepo.IsCommit(sha)) throw Bad(asked, "'sha' is not a commit");
        if (!answer.TryGetProperty("siblings", out var siblings) || siblings.ValueKind != JsonValueKind.Array) throw Bad(asked, "'siblings' is not a list of files");
        if (siblings.GetArrayLength() > MostFiles) throw Bad(asked, $"it has {siblings.GetArrayLength()} files; expected at most {MostFiles}");
        var card = answer.TryGetProperty("cardData", out var data) && data.ValueKind == JsonValueKind.Object ? data.Clone() : default;
        string? license = card.ValueKind == JsonValueKind.Object ? Text(card, "license") : null;
        return new HubRepoInfo(asked with { Revision = sha }, [.. siblings.EnumerateArray().Select(file => ReadFile(asked, file))], license, card);
    }

    /// <summary>The file of a name, or null.</summary>
    public HubFile? Find(string name) => Files.FirstOrDefault(file => file.Name == name);

    private static HubFile ReadFile(HubRepo repo, JsonElement file)
    {
        if (file.ValueKind != JsonValueKind.Object || Text(file, "rfilename") is not { } name) throw Bad(repo, "a file has no 'rfilename'");
        var lfs = file.TryGetProperty("lfs", out var value) && value.ValueKind == JsonValueKind.Object ? value : default;
        string? sha256 = lfs.ValueKind == JsonValueKind.Object ? (Text(lfs, "sha256") ?? Text(lfs, "oid"))?.ToLowerInvariant() : null;
        long? size = Number(file, "size") ?? (lfs.ValueKind == JsonValueKind.Object ? Number(lfs, "size") : null);
        return new HubFile(name, size ?? -1, IsHex(sha256, 64) ? sha256 : null, sha256 is null && Text(file, "blobId") is { } blob && IsHex(blob, 40) ? blob : null);
    }

    private static bool IsHex(string? text, int length) => text?.Length == length && text.All(char.IsAsciiHexDigitLower);

    private static string? Text(JsonElement element, string member) =>
        element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement element, string member) =>
        element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) && number >= 0 ? number : null;

    private static HubException Bad(HubRepo repo, string what) => new(HubFailure.BadAnswer, $"The Hub's description of '{repo.Id}' cannot be used: {what}.");
}
