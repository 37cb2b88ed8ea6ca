using Studio.Tests.Support;

namespace Studio.Tests.Models;

/// <summary>The reference models that lie beside the test assembly: one or more of every family.</summary>
internal static class FamilyFixtures
{
    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Path.Combine(FixtureFolder.Root, "models"))
        .Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal);

    /// <summary>As theory data.</summary>
    public static TheoryData<string> All => [.. Names];
}
