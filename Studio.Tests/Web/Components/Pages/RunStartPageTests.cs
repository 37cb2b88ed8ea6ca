using AngleSharp.Dom;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Runs;
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
    public async Task Preset_Chosen_FillsTheFieldsAndAChangeLeavesIt()
    {
        var page = Open("");
        Assert.Equal("true", page.Find("[data-testid=preset-balanced]").GetAttribute("aria-pressed"));

        // On the page's thread: an inspection that ends between finding and changing would replace what was found.
        await page.InvokeAsync(() => page.Find("[data-testid=preset-thorough]").Click());
        Assert.Equal("16", page.Find("#run-adapter-rank").GetAttribute("value"));
        Assert.Equal("0.001", page.Find("#run-learning-rate").GetAttribute("value"));

        await page.InvokeAsync(() => page.Find("#run-epochs").Input("7"));
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
    public void Forecast_ItFits_ShowsTheBarItsPartsAndTheVerdict()
    {
        Runs.Forecast = new(1_000, 60, new MemoryForecast(1 << 20, 2 << 20, 1 << 20, 96 << 20, 0) { Factor = 1.25 }, new FitsNow(2L << 30, 4L << 30));

        var page = Open("?dataset=pirate");

        Assert.Equal("100 MiB", page.Find("[data-testid=forecast-total]").TextContent);
        Assert.Equal("Memory of one run: Adapter values 1.00 MiB, Optimizer moments 2.00 MiB, Gradients 1.00 MiB, Activations 96.0 MiB",
            page.Find("[data-testid=forecast-memory] [role=img]").GetAttribute("aria-label"));
        Assert.Equal(4, page.FindAll("[data-testid=forecast-memory] .studio-bar > span").Count);
        Assert.Contains("Base model: 0 here", page.Find("[data-testid=forecast-base]").TextContent, StringComparison.Ordinal);
        Assert.Contains("1.25 times what was calculated", page.Find("[data-testid=forecast-factor]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Fits: with it the studio needs 2.00 GiB of its 4.00 GiB.", page.Find("[data-testid=forecast-verdict]").TextContent);
        Assert.Empty(page.FindAll("[data-testid=forecast-use]"));
    }

    [Fact]
    public void Forecast_ASmallerBatchFits_OffersItAndStartsOnlyThen()
    {
        var memory = Runs.Forecast.Memory;
        Runs.Forecast = new(1_000, 60, memory, new FitsChanged(16, 4, 4, false, new NeverFits(5L << 30, 4L << 30)));
        var page = Open("?dataset=pirate");
        Assert.Contains("Fits now with batch size 4 instead of 16", page.Find("[data-testid=forecast-verdict]").TextContent, StringComparison.Ordinal);
        Assert.True(page.Find("[data-testid=start-runs]").HasAttribute("disabled"));

        Runs.Forecast = new(1_000, 60, memory, new FitsNow(3L << 30, 4L << 30));
        page.Find("[data-testid=forecast-use]").Click();

        page.WaitForAssertion(() => Assert.False(page.Find("[data-testid=start-runs]").HasAttribute("disabled")));
        Assert.Equal("4", page.Find("#run-batch-size").GetAttribute("value"));
        Assert.Equal("4", page.Find("#run-accumulation").GetAttribute("value"));
    }

    [Fact]
    public void Forecast_ItWouldWait_SaysForWhatAndMayStart()
    {
        Runs.Forecast = Runs.Forecast with { Verdict = new StartsAfter(WaitCause.Memory, "b", "Json", 1 << 20) };

        var page = Open("?dataset=pirate");

        Assert.Equal("Waits for memory: starts when 'Json' ends.", page.Find("[data-testid=forecast-verdict]").TextContent);
        Assert.False(page.Find("[data-testid=start-runs]").HasAttribute("disabled"));
        Assert.Empty(page.FindAll("[data-testid=forecast-use]"));
    }

    [Theory]
    [InlineData(16, 1, "Switch on checkpointing")]
    [InlineData(8, 2, "Switch on checkpointing, use batch size 8")]
    public void Forecast_CheckpointingWouldFit_OffersItAndMayStartAsItIs(int batch, int accumulation, string offer)
    {
        Runs.Forecast = Runs.Forecast with { Verdict = new FitsChanged(16, batch, accumulation, true, new StartsAfter(WaitCause.Memory, "b", "Json", 1 << 20)) };
        var page = Open("?dataset=pirate");
        Assert.False(page.Find("[data-testid=start-runs]").HasAttribute("disabled"));
        Assert.Equal(offer, page.Find("[data-testid=forecast-use]").TextContent.Trim());

        page.Find("[data-testid=forecast-use]").Click();

        page.WaitForAssertion(() => Assert.True(page.Find("#run-checkpointing").HasAttribute("checked")));
        Assert.Equal(batch.ToString(System.Globalization.CultureInfo.InvariantCulture), page.Find("#run-batch-size").GetAttribute("value"));
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
        // 14 of the training, model and name; the method, its targets, and one for each setting that has a field.
        Assert.Equal(18 + AdapterMethods.Named(LoraSpec.MethodName).Settings.Count(setting => setting.Field is not null), inputs.Count);
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
