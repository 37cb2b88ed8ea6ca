using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Plotly.Blazor;
using Plotly.Blazor.Traces;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Storage;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Pages;

namespace Studio.Tests.Web.Components.Pages;

public sealed class ComparePageTests : EngineTestContext
{
    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public void NoRunsAtAll_LeadsToTheForm() => Assert.Equal("/runs/new", Open("").Find(".studio-empty a").GetAttribute("href"));

    [Fact]
    public void NothingChosen_OffersTheLatest()
    {
        Runs.Add("a");
        Runs.Add("b");
        var page = Open("");

        page.Find("[data-testid=compare-latest]").Click();

        Assert.Contains("runs=b,a", Navigation.Uri, StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll(".studio-chart")));
    }

    [Fact]
    public void Address_HoldsEverything()
    {
        Runs.Add("a");
        Runs.Add("b");

        var page = Open("?runs=a&x=tokens&smooth=0.85&series=gradient_norm");

        Assert.Equal("true", page.Find("[data-testid=x-tokens]").GetAttribute("aria-pressed"));
        Assert.Equal("0.85", page.Find("[data-testid=smooth-value]").TextContent);
        Assert.Equal("Gradient norm", page.Find("#compare-series option[selected]").TextContent);
        Assert.True(page.Find("[data-run=a]").HasAttribute("checked"));
        Assert.False(page.Find("[data-run=b]").HasAttribute("checked"));
    }

    [Fact]
    public void Controls_EachChange_MovesTheAddress()
    {
        Runs.Add("a");
        Runs.Add("b");
        var page = Open("?runs=a");

        page.Find("[data-testid=x-epoch]").Click();
        page.Find("[data-testid=compare-smooth]").Input("0.3");
        page.Find("[data-testid=compare-series]").Change("eval_loss");
        page.Find("[data-run=b]").Change(true);

        Assert.EndsWith("/compare?runs=a,b&x=epoch&smooth=0.3&series=eval_loss", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Chart_StoredAndNewPoints_AreAllDrawnInOrder()
    {
        Runs.Add("a");
        AddLoss("a", 3, 2);
        var page = Open("?runs=a&smooth=0");
        page.WaitForAssertion(() => Assert.Equal([3d, 2d], Traces(page)[0].Y));

        AddLoss("a", 1);

        page.WaitForAssertion(() => Assert.Equal([3d, 2d, 1d], Traces(page)[0].Y));
    }

    [Fact]
    public void Chart_AxisChanged_DrawsTheSameValuesElsewhere()
    {
        Runs.Add("a");
        AddLoss("a", 3, 2);
        var page = Open("?runs=a&smooth=0");
        page.WaitForAssertion(() => Assert.Equal([1d, 2d], Traces(page)[0].X));

        page.Find("[data-testid=x-tokens]").Click();

        page.WaitForAssertion(() => Assert.Equal([0d, 100d], Traces(page)[0].X));
        Assert.Equal([3d, 2d], Traces(page)[0].Y);
    }

    [Fact]
    public void Table_TwoRuns_ShowsOnlyDifferingSettings()
    {
        Runs.Add("a", adapter: new LoraSpec { Rank = 4 });
        Runs.Add("b", RunState.Finished, dataset: "json", adapter: new LoraSpec { Rank = 8 });

        var rows = Open("?runs=a,b").FindAll("[data-testid=compare-differences] tr").Select(row => row.QuerySelector("th")!.TextContent);

        Assert.Equal(["Settings that differ", "Dataset", "Rank"], rows);
    }

    [Fact]
    public void Address_NamesARunThatIsGone_SaysSoAndShowsTheOthers()
    {
        Runs.Add("a");

        var page = Open("?runs=a,gone");

        Assert.Equal("One run of this address no longer exists.", page.Find("[data-testid=compare-missing]").TextContent);
        Assert.Single(page.FindAll(".studio-chart"));
    }

    private IRenderedComponent<ComparePage> Open(string query)
    {
        Navigation.NavigateTo("/compare" + query);
        return Render<ComparePage>();
    }

    private static List<Scatter> Traces(IRenderedComponent<ComparePage> page) => [.. page.FindComponent<PlotlyChart>().Instance.Data.Cast<Scatter>()];
}
