using Studio.Tests.Web.Doubles;
using Studio.Web.Playground;

namespace Studio.Tests.Web.Playground;

public sealed class PaneChoicesTests
{
    private readonly TestAdapterService _adapters = new();
    private readonly Studio.Core.Serving.LoadedModelInfo[] _loaded = [TestModelService.Model("base", "starter", "f"), TestModelService.Model("other", "second", "g")];

    [Fact]
    public async Task Adapters_OfAModel_AreThoseOfItsWeights()
    {
        _adapters.Add("a");
        _adapters.Add("b", modelId: "other", fingerprint: "g");
        _adapters.Add("c", fingerprint: "old");

        var choices = await ChoicesAsync();

        Assert.Equal(["a"], choices.Adapters.Select(adapter => adapter.Id));
        Assert.Null(choices.ProblemOf(null));
        Assert.Null(choices.ProblemOf("a"));
        Assert.Equal("'b' was made for another base model, not for starter.", choices.ProblemOf("b"));
        Assert.Equal("'c' was made for the weights old; starter has f.", choices.ProblemOf("c"));
        Assert.Contains("There is no adapter 'd'.", choices.ProblemOf("d"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "base", "base")]
    [InlineData(null, "base,b", "other")]
    [InlineData(null, "nope,a,b", "base")]
    [InlineData("other", "base,a", "other")]
    public async Task Model_OfAnAddress_IsTheNamedOneOrThatOfItsAdapters(string? model, string adapters, string expected)
    {
        _adapters.Add("a");
        _adapters.Add("b", modelId: "other", fingerprint: "g");

        Assert.Equal(expected, PaneChoices.ModelOf(PlaygroundAddress.Parse(model, adapters), _loaded, await _adapters.ListAsync(TestContext.Current.CancellationToken))!.Id);
    }

    [Fact]
    public void Model_NotLoaded_IsNone() => Assert.Null(PaneChoices.ModelOf(PlaygroundAddress.Parse("gone", "base"), _loaded, []));

    private async Task<PaneChoices> ChoicesAsync() => new(_loaded[0].Record, await _adapters.ListAsync(TestContext.Current.CancellationToken));
}
