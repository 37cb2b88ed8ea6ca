using Studio.Bench.Starter;
using Studio.Core.Hub;
using Studio.Core.Models;
using Studio.Tests.Storage;
using Studio.Tests.Support;

namespace Studio.Tests.Bench;

/// <summary>The card that the builder writes is the one that ships, and the studio reads its head.</summary>
public sealed class StarterModelCardTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Write_TheRecipe_IsTheShippedCardWithTitleAndLicense()
    {
        string shipped = Path.Combine(SourceFolder.Root, "models", "starter");
        using (var checkpoint = Checkpoint.Open(shipped)) StarterModelCard.Write(new StarterRecipe(), checkpoint.Config, _directory.Root);
        Assert.Equal(File.ReadAllText(Path.Combine(shipped, "README.md")), File.ReadAllText(_directory.File("README.md")));
        Assert.Equal(new ModelCard("Symbiosis starter model", "same terms as this repository", null), ModelCard.Read(_directory.Root));
    }
}
