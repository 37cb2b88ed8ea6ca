using Studio.Tests.Support;

namespace Studio.Tests.Rules;

/// <summary>Randomness is owned: a run is the same alone, in company and after a resume only if every draw comes from its own generator.</summary>
public sealed class RandomnessTests
{
    [Fact]
    public void Engine_Source_DrawsOnlyFromOwnedGenerators()
    {
        string[] files = [.. SourceFolder.Files("Studio.Core")];
        Assert.True(files.Length > 100, $"{SourceFolder.Root} does not hold the engine's source.");
        Assert.Empty(files.SelectMany(file => RandomnessScanner.Findings(File.ReadAllText(file)).Select(finding => $"{Path.GetRelativePath(SourceFolder.Root, file)}: {finding}")));
    }

    [Theory]
    [InlineData("torch.manual_seed(5);")]
    [InlineData("torch.random.manual_seed(5);")]
    [InlineData("cuda.manual_seed_all(5);")]
    [InlineData("var y = nn.functional.dropout(x, 0.1, true);")]
    [InlineData("var y = functional.dropout(x);")]
    [InlineData("var drop = nn.Dropout(0.1);")]
    [InlineData("var y = dropout(x, 0.5);")]
    [InlineData("var x = torch.rand(3, 4);")]
    [InlineData("var x = randn([rows, columns], dtype: ScalarType.Float32);")]
    [InlineData("var order = randperm(n);")]
    [InlineData("var x = rand_like(y);")]
    [InlineData("mask.bernoulli_(1 - p);")]
    [InlineData("a.uniform_(-bound, bound);")]
    [InlineData("a.normal_(0, 1);")]
    [InlineData("var id = probabilities.multinomial(1);")]
    [InlineData("init.kaiming_uniform_(weight, a: 5);")]
    [InlineData("var random = new Random();")]
    [InlineData("var random = new System.Random(5);")]
    [InlineData("Random random = new(5);")]
    [InlineData("int i = Random.Shared.Next();")]
    [InlineData("var x = randn(\n    [rows, Count(4)],\n    device: place);")]
    public void Scan_PlantedDraw_IsFound(string planted)
    {
        string finding = Assert.Single(RandomnessScanner.Findings($"namespace N;\n// a comment\nclass C {{ void M() {{\n{planted}\n}} }}"));
        Assert.StartsWith("line 4: ", finding, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("var x = randn([rows, columns], generator: random);")]
    [InlineData("a.uniform_(-bound, bound, random);")]
    [InlineData("var mask = empty_like(x).bernoulli_(1 - p, Random).div_(1 - p);")]
    [InlineData("var random = new RandomSource(seed);")]
    [InlineData("using var random = new Generator(seed, device);")]
    [InlineData("// torch.manual_seed(5) is forbidden")]
    [InlineData("/* new Random() */")]
    [InlineData("x = pass.Dropout(x, spec.Dropout);")]
    [InlineData("int brand(int x) => x; var y = brand(3);")]
    public void Scan_OwnedDraw_IsNotReported(string allowed) => Assert.Empty(RandomnessScanner.Findings(allowed));
}
