using Bunit;
using Studio.Core.Adapters.Composition;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Pages;

namespace Studio.Tests.Web.Components.Pages;

public sealed class AdapterCombinePageTests : EngineTestContext
{
    [Fact]
    public void Page_TwoMembersAndAKind_AsksForThemAndShowsTheDifference()
    {
        Adapters.Add("a", "Pirate");
        Adapters.Add("b", "Terse");
        var page = Render<AdapterCombinePage>();
        Assert.Equal("Choose at least one adapter.", page.Find("[data-testid=combine-finding]").TextContent);
        foreach (int which in new[] { 0, 1 }) page.FindAll("[data-testid=combine-member]")[which].Change(true);
        page.Find("#combine-weight-a").Input("0.5");
        page.Find("#combine-name").Input("Both");
        page.Find("#combine-kind").Change(Array.IndexOf(Enum.GetValues<CombinationKind>(), CombinationKind.TiesSvd).ToString(System.Globalization.CultureInfo.InvariantCulture));
        page.Find("#combine-rank").Input("12");
        page.Find("[data-testid=combine-form]").Submit();

        var asked = Adapters.Combined!;
        Assert.Equal(("Both", CombinationKind.TiesSvd, 12), (asked.Name, asked.Kind, asked.Rank));
        Assert.Equal([("b", 1.0), ("a", 0.5)], asked.Members.Select(member => (member.AdapterId, member.Weight)));
        Assert.Contains("32 of 32 positions choose the same token", page.Find("[data-testid=combine-done]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_NoAdapters_SaysSo() => Assert.Contains("No adapter to combine", Render<AdapterCombinePage>().Markup, StringComparison.Ordinal);

    [Fact]
    public void Page_WeightThatIsNoNumber_BlocksTheButton()
    {
        Adapters.Add("a", "Pirate");
        var page = Render<AdapterCombinePage>();
        page.Find("[data-testid=combine-member]").Change(true);
        page.Find("#combine-weight-a").Input("half");
        Assert.Equal("The weight of Pirate is not a number.", page.Find("[data-testid=combine-finding]").TextContent);
        Assert.True(page.Find("[data-testid=combine-adapters]").HasAttribute("disabled"));
    }
}
