using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Pages;

namespace Studio.Tests.Web.Components.Pages;

public sealed class RunStartPageTests : EngineTestContext
{
    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    public RunStartPageTests()
    {
        Datasets.Add("pirate");
        Datasets.Add("json");
    }

    [Fact]
    public void Link_WithADataset_ChoosesItAndForecasts()
    {
        var page = Open("?dataset=pirate");

        Assert.True(Choice(page, "pirate").IsChecked());
        Assert.Contains("60 steps", page.Find("[data-testid=forecast-runs]").TextContent, StringComparison.Ordinal);
        Assert.Equal("8,000", page.Find("[data-testid=forecast-parameters]").TextContent);
        Assert.Equal("2.00 MiB", page.Find("[data-testid=forecast-step]").TextContent);
    }

    [Fact]
    public void Link_WithADatasetThatIsGone_SaysSo() => Assert.Contains("There is no dataset 'x' any more", Open("?dataset=x").Find("[role=alert]").TextContent, StringComparison.Ordinal);

    [Fact]
    public void Start_NoDataset_IsNotPossible() => Assert.True(Open("").Find("[data-testid=start-runs]").HasAttribute("disabled"));

    [Fact]
    public async Task Start_OneDataset_StartsItAndOpensTheRun()
    {
        var page = Open("?dataset=pirate");

        await page.Find("form").SubmitAsync();

        Assert.Equal("pirate", Assert.Single(Runs.Started).DatasetId);
        Assert.EndsWith("/runs/new1", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_ActivationCheckpointingTicked_IsAskedFor()
    {
        var page = Open("?dataset=pirate");
        await page.InvokeAsync(() => page.Find("[data-testid=run-checkpointing]").Change(true));

        await page.Find("form").SubmitAsync();

        Assert.True(Assert.Single(Runs.Started).Training.ActivationCheckpointing);
    }

    [Fact]
    public async Task Start_SeveralDatasets_StartsOneRunEachAndComparesThem()
    {
        var page = Open("?dataset=pirate");
        Choice(page, "json").Change(true);
        page.WaitForAssertion(() => Assert.Contains("Start 2 fine-tunes", page.Find("[data-testid=start-runs]").TextContent, StringComparison.Ordinal));

        await page.Find("form").SubmitAsync();

        Assert.Equal(["pirate", "json"], Runs.Started.Select(request => request.DatasetId));
        Assert.Contains("/compare?runs=new1,new2", Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SecondIsRefused_SaysWhatStartedAndDoesNotStartItTwice()
    {
        Runs.Refused = ("json", new StudioException("The disk is full."));
        var page = Open("?dataset=pirate");
        Choice(page, "json").Change(true);
        await page.Find("form").SubmitAsync();
        Assert.Contains("1 started, then: The disk is full.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);

        Runs.Refused = null;
        await page.Find("form").SubmitAsync();

        Assert.Equal(["pirate", "json"], Runs.Started.Select(request => request.DatasetId));
    }

    [Fact]
    public void Rank_Zero_IsSaidAtTheFieldAndBlocksTheStart()
    {
        var page = Open("?dataset=pirate");

        page.Find("#run-adapter-rank").Input("0");

        page.WaitForAssertion(() => Assert.Equal("Rank is 0; expected 1 to 4096.", page.Find("[data-testid=run-adapter-rank-finding]").TextContent));
        Assert.Equal("true", page.Find("#run-adapter-rank").GetAttribute("aria-invalid"));
        Assert.True(page.Find("[data-testid=start-runs]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Rank_NotANumberAndSubmittedAtOnce_StartsNothing()
    {
        var page = Open("?dataset=pirate");

        page.Find("#run-adapter-rank").Input("eight");
        await page.Find("form").SubmitAsync();

        Assert.Empty(Runs.Started);
        Assert.Equal("Rank needs a number.", page.Find("[data-testid=run-adapter-rank-finding]").TextContent);
        Assert.Equal("eight", page.Find("#run-adapter-rank").GetAttribute("value"));
    }

    [Fact]
    public void Finding_InTheFoldedPart_UnfoldsIt()
    {
        var page = Open("?dataset=pirate");
        Assert.False(page.Find("[data-testid=more-settings]").HasAttribute("open"));

        page.Find("#run-seed").Input("");

        page.WaitForAssertion(() => Assert.True(page.Find("[data-testid=more-settings]").HasAttribute("open")));
    }

    [Fact]
    public void Preset_Chosen_FillsTheFieldsAndAChangeLeavesIt()
    {
        var page = Open("");
        Assert.Equal("true", page.Find("[data-testid=preset-balanced]").GetAttribute("aria-pressed"));

        page.Find("[data-testid=preset-thorough]").Click();
        Assert.Equal("16", page.Find("#run-adapter-rank").GetAttribute("value"));
        Assert.Equal("0.001", page.Find("#run-learning-rate").GetAttribute("value"));

        page.Find("#run-epochs").Input("7");
        Assert.All(page.FindAll("[data-testid=presets] button"), chip => Assert.Equal("false", chip.GetAttribute("aria-pressed")));
    }

    [Fact]
    public async Task Targets_Custom_SendsTheTickedModules()
    {
        var page = Open("?dataset=pirate");
        // On the page's thread: an inspection that ends between finding and ticking would replace what was found.
        await page.InvokeAsync(() => page.Find("#run-adapter-targets").Change("2"));
        await page.InvokeAsync(() => page.Find("[data-testid=target-v_proj]").Change(true));
        await page.InvokeAsync(() => page.Find("[data-testid=target-q_proj]").Change(true));

        await page.InvokeAsync(() => page.Find("form").SubmitAsync());

        Assert.Equal(["q_proj", "v_proj"], ((LoraSpec)Runs.Started.Single().Adapter).Targets.Names);
    }

    [Fact]
    public void RsLora_Ticked_ChangesTheScaleAtOnce()
    {
        var page = Open("");
        Assert.Equal("2.00", page.Find("[data-testid=forecast-scale]").TextContent);

        page.Find("#run-adapter-rank-stabilised-scaling-rslora").Change(true);

        // 16 / sqrt(8)
        Assert.Equal("5.66", page.Find("[data-testid=forecast-scale]").TextContent);
    }

    [Fact]
    public void NoModel_ThereIsNoForm()
    {
        Models.Loaded = [];

        var page = Open("");

        Assert.Empty(page.FindAll("form"));
        Assert.Contains("No base model is loaded", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryField_HasALabelAndHelp()
    {
        var page = Open("");

        var inputs = page.FindAll(".studio-fields input, .studio-fields select");
        // 12 of the training, model and name; the method, its targets, and one for each setting that has a field.
        Assert.Equal(16 + AdapterMethods.Named(LoraSpec.MethodName).Settings.Count(setting => setting.Field is not null), inputs.Count);
        Assert.All(inputs, input => Assert.True(
            page.FindAll($"label[for={input.Id}]").Count == 1 || input.ParentElement!.LocalName == "label", $"{input.Id} has no label."));
        Assert.Equal(inputs.Count + 1, page.FindAll(".studio-help[aria-label]").Count);
    }

    private IRenderedComponent<RunStartPage> Open(string query)
    {
        Navigation.NavigateTo("/runs/new" + query);
        return Render<RunStartPage>();
    }

    private static IElement Choice(IRenderedComponent<RunStartPage> page, string dataset) => page.Find($"[data-dataset={dataset}]");
}
