using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Storage;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Pages;

namespace Studio.Tests.Web.Components.Pages;

public sealed class AdapterListPageTests : EngineTestContext
{
    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public void Empty_LeadsToAFineTune() => Assert.Equal("/runs/new", Open().Find(".studio-empty a").GetAttribute("href"));

    [Fact]
    public void Row_ShowsMethodBaseRunSizeAndLinks()
    {
        Runs.Add("r", RunState.Finished);
        Adapters.Add("a", "Pirate", "r", new LoraSpec { Rank = 16 });

        var row = Open().Find("[data-testid=adapter-row-a]");

        Assert.Equal(["Pirate", "LoRA, rank 16", "starter", "Finished r run", "156 k", "616 KiB"], row.QuerySelectorAll("td").Take(6).Select(Text));
        Assert.Equal("/adapters/a", row.QuerySelector("[data-testid=adapter-link]")!.GetAttribute("href"));
        Assert.Equal("/runs/r", row.QuerySelector("[data-testid=adapter-run]")!.GetAttribute("href"));
        Assert.Equal("/playground?adapters=base,a", row.QuerySelector("[data-testid=adapter-chat]")!.GetAttribute("href"));
    }

    [Fact]
    public void Training_IsSaidLive()
    {
        Runs.Add("r");
        Adapters.Add("a", runId: "r");
        Adapters.Add("b");
        Adapters.Add("c", runId: "deleted");
        var page = Open();

        Assert.Equal("Training, step 10 / 40", page.Find("[data-testid=training-chip]").TextContent.Trim());
        Assert.Equal("Not trained", Text(page.Find("[data-testid=adapter-row-b] td[data-label=Training]")));
        Assert.Equal("Trained, run deleted", Text(page.Find("[data-testid=adapter-row-c] td[data-label=Training]")));

        Runs.Change("r", run => run with { Record = run.Record with { State = RunState.Stopped } });
        page.WaitForAssertion(() => Assert.Contains("Stopped", page.Find("[data-testid=adapter-row-a]").TextContent, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("pir", new[] { "a" })]
    [InlineData("rank 16", new[] { "b" })]
    [InlineData("STARTER json", new[] { "b" })]
    [InlineData("demo", new[] { "a" })]
    [InlineData("", new[] { "b", "a" })]
    public void Search_Words_FindInNameTagsMethodAndBase(string search, string[] expected)
    {
        Adapters.Add("a", "Pirate");
        Adapters.Change("a", adapter => adapter with { Tags = ["demo"] });
        Adapters.Add("b", "Json", spec: new LoraSpec { Rank = 16 });
        var page = Open();

        page.Find("[data-testid=adapter-search]").Input(search);

        Assert.Equal(expected, page.FindAll("tr[data-adapter]").Select(row => row.GetAttribute("data-adapter")));
        Assert.EndsWith(search.Length == 0 ? "/adapters" : $"/adapters?q={Uri.EscapeDataString(search)}", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Search_NothingFound_SaysSoAndShowsAllAgain()
    {
        Adapters.Add("a");
        Navigation.NavigateTo("/adapters?q=zzz");
        var page = Render<AdapterListPage>();
        Assert.Equal("0 of 1 adapters", page.Find("[data-testid=adapter-count]").TextContent);

        page.Find("[data-testid=adapter-search-clear]").Click();

        Assert.Single(page.FindAll("tr[data-adapter]"));
    }

    [Fact]
    public void Adapter_CreatedElsewhere_Appears()
    {
        Adapters.Add("a");
        var page = Open();

        Adapters.Add("b");

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("tr[data-adapter]").Count));
    }

    private IRenderedComponent<AdapterListPage> Open()
    {
        Navigation.NavigateTo("/adapters");
        return Render<AdapterListPage>();
    }

    private static string Text(AngleSharp.Dom.IElement element) => string.Join(' ', element.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
