using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Pages;

namespace Studio.Tests.Web.Components.Pages;

public sealed class AdapterCreatePageTests : EngineTestContext
{
    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public void NoModel_ThereIsNoForm()
    {
        Models.Loaded = [];

        Assert.Empty(Render<AdapterCreatePage>().FindAll("form"));
    }

    [Fact]
    public async Task Create_AllFields_AreHandedOverAndTheAdapterOpens()
    {
        var page = Render<AdapterCreatePage>();
        page.Find("#adapter-name").Input(" Mine ");
        page.Find("#adapter-setting-rank").Input("16");
        page.Find("#adapter-setting-alpha").Input("24");
        page.Find("#adapter-setting-dropout").Input("0.1");
        page.Find("#adapter-seed").Input("7");
        page.Find("#adapter-setting-rank-stabilised-scaling-rslora").Change(true);
        page.Find("#adapter-setting-targets").Change("2");
        page.Find("[data-testid=target-q_proj]").Change(true);
        Assert.Equal(8, page.FindAll("[data-testid=custom-targets] input").Count);

        await page.Find("form").SubmitAsync();

        var (spec, model, seed) = Assert.Single(Adapters.Created);
        var lora = Assert.IsType<LoraSpec>(spec);
        Assert.Equal((16, 24d, 0.1, true), (lora.Rank, lora.Alpha, lora.Dropout, lora.UseRsLora));
        Assert.Equal(["q_proj"], lora.Targets.Names);
        Assert.Equal((TestModelService.ModelId, 7L), (model, seed));
        Assert.EndsWith("/adapters/new1", Navigation.Uri, StringComparison.Ordinal);
        Assert.Equal("Mine", (await Adapters.GetAsync("new1", Xunit.TestContext.Current.CancellationToken)).Name);
    }

    [Fact]
    public void Parameters_FollowTheRank()
    {
        var page = Render<AdapterCreatePage>();
        Assert.Equal("8,000", page.Find("[data-testid=adapter-parameters]").TextContent);

        page.Find("#adapter-setting-rank").Input("16");
        Assert.Equal("16,000", page.Find("[data-testid=adapter-parameters]").TextContent);

        page.Find("#adapter-setting-rank").Input("");
        Assert.Equal("–", page.Find("[data-testid=adapter-parameters]").TextContent);
        Assert.Equal("Rank needs a number.", page.Find("[data-testid=adapter-setting-rank-finding]").TextContent);
    }

    [Fact]
    public async Task Findings_AreAtTheirFieldsAndNothingIsCreated()
    {
        var page = Render<AdapterCreatePage>();
        page.Find("#adapter-name").Input("Mine");
        page.Find("#adapter-setting-rank").Input("0");
        page.Find("#adapter-setting-alpha").Input("-1");
        page.Find("#adapter-setting-dropout").Input("1");
        page.Find("#adapter-setting-targets").Change("2");

        await page.Find("form").SubmitAsync();

        Assert.Equal("Rank is 0; expected 1 to 4096.", page.Find("[data-testid=adapter-setting-rank-finding]").TextContent);
        Assert.StartsWith("Alpha is -1;", page.Find("[data-testid=adapter-setting-alpha-finding]").TextContent, StringComparison.Ordinal);
        Assert.StartsWith("Dropout is 1;", page.Find("[data-testid=adapter-setting-dropout-finding]").TextContent, StringComparison.Ordinal);
        Assert.StartsWith("Target modules are empty;", page.Find("[data-testid=adapter-setting-targets-finding]").TextContent, StringComparison.Ordinal);
        Assert.Equal("4 fields need a change.", page.Find("[data-testid=field-findings]").TextContent);
        Assert.Empty(Adapters.Created);
    }

    [Fact]
    public async Task Name_Missing_IsSaidAtTheField()
    {
        var page = Render<AdapterCreatePage>();

        await page.Find("form").SubmitAsync();

        Assert.Equal("The adapter needs a name.", page.Find("[data-testid=adapter-name-finding]").TextContent);
        Assert.Empty(Adapters.Created);
        page.Find("#adapter-name").Input("x");
        Assert.Empty(page.FindAll("[data-testid=adapter-name-finding]"));
    }

    [Fact]
    public async Task Refused_WithDetails_SaysThemAtTheFields()
    {
        Adapters.Refused = new StudioException("Rank is 9000; expected 1 to 4096.", ["Rank is 9000; expected 1 to 4096.", "The disk is full."]);
        var page = Render<AdapterCreatePage>();
        page.Find("#adapter-name").Input("Mine");

        await page.Find("form").SubmitAsync();

        Assert.StartsWith("Rank is 9000;", page.Find("[data-testid=adapter-setting-rank-finding]").TextContent, StringComparison.Ordinal);
        Assert.Equal("The disk is full.", page.Find("[data-testid=general-finding]").TextContent);
    }

    [Fact]
    public async Task Refused_ByTheDisk_SaysWhyAndKeepsTheForm()
    {
        Adapters.Refused = new StudioException("The disk is full.");
        var page = Render<AdapterCreatePage>();
        page.Find("#adapter-name").Input("Mine");

        await page.Find("form").SubmitAsync();

        Assert.Contains("The disk is full.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Mine", page.Find("#adapter-name").GetAttribute("value"));
    }

    [Fact]
    public void EveryField_HasALabelAndHelp()
    {
        var page = Render<AdapterCreatePage>();

        var inputs = page.FindAll(".studio-fields :is(input, select)");
        // Name, model and seed; the method, its targets, and one for each setting that has a field.
        Assert.Equal(5 + AdapterMethods.Named(LoraSpec.MethodName).Settings.Count(setting => setting.Field is not null), inputs.Count);
        Assert.All(inputs, input => Assert.True(page.FindAll($"label[for={input.Id}]").Count == 1 || input.ParentElement!.LocalName == "label", $"{input.Id} has no label."));
        Assert.Equal(inputs.Count, page.FindAll(".studio-help[aria-label]").Count);
    }
}
