namespace Studio.Tests.Storage;

/// <summary>A folder of its own for one test, removed afterwards.</summary>
internal sealed class TestDirectory : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("studio-test-").FullName;

    public string File(string name) => Path.Combine(Root, name);

    /// <summary>Names of everything in the folder, hidden entries included.</summary>
    public string[] Entries => [.. Directory.EnumerateFileSystemEntries(Root).Select(e => Path.GetFileName(e)!).Order(StringComparer.Ordinal)];

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
