using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Adapters;
using Studio.Web.Components.Pages;
using Studio.Web.Playground;

namespace Studio.Tests.Web.Components.Pages;

public sealed class AdapterDetailPageTests : EngineTestContext
{
    [Fact]
    public void UnknownId_SaysSoAndLeadsBack()
    {
        var page = Open("nope");

        Assert.Contains("No adapter has the id 'nope'", page.Markup, StringComparison.Ordinal);
        Assert.Equal("/adapters", page.Find(".studio-empty a").GetAttribute("href"));
    }

    [Fact]
    public void Adapter_ShowsSettingsTensorsAndLinks()
    {
        Runs.Add("r", RunState.Finished);
        Adapters.Add("a", "Pirate", "r", new LoraSpec { Rank = 16, UseRsLora = true });
        Adapters.Tensors = [new AdapterTensorInfo("layers.0.q_proj.lora_A.weight", [16, 256], 1.25), new AdapterTensorInfo("layers.0.q_proj.lora_B.weight", [256, 16], 0)];

        var page = Open("a");

        Assert.Equal("Pirate", page.Find("h1").TextContent);
        Assert.Contains("(rsLoRA)on", Settings(page), StringComparison.Ordinal);
        Assert.Contains("Rank16", Settings(page), StringComparison.Ordinal);
        page.WaitForAssertion(() => Assert.Equal(["layers.0.q_proj.lora_A.weight", "16 × 256", "1.250"], page.FindAll("[data-testid=adapter-tensors] tbody tr")[0].Children.Select(cell => cell.TextContent)));
        Assert.Equal("/playground?adapters=base,a", page.Find("[data-testid=chat-link]").GetAttribute("href"));
        Assert.Equal("/runs/r", page.Find("[data-testid=adapter-run]").GetAttribute("href"));
        var export = page.Find("[data-testid=export-adapter]");
        Assert.Equal("/api/adapters/a/export", export.GetAttribute("href"));
        // Without it the page would try to show the file.
        Assert.True(export.HasAttribute("download"));
    }

    [Theory]
    [InlineData(true, "Kept with the adapter")]
    [InlineData(false, "The adapter keeps none")]
    public void ChatFormat_ShowsTemplateTokensAndEnds(bool isOwn, string origin)
    {
        Adapters.Add("a");
        Adapters.Chat = new AdapterChat(new Dictionary<string, string> { ["default"] = "{{ '<b>' }}" }, new Dictionary<string, string> { ["eos_token"] = "<|im_end|>" }, ["<|im_end|>", "7"], isOwn);

        var page = Open("a");

        Assert.StartsWith(origin, page.Find("[data-testid=adapter-chat-origin]").TextContent.Trim(), StringComparison.Ordinal);
        Assert.Equal("{{ '<b>' }}", page.Find("[data-testid=adapter-chat-template]").TextContent);
        Assert.Equal(["<|im_end|>", "<|im_end|>  7"], page.FindAll("[data-testid=adapter-chat] dd").Select(value => value.TextContent));
    }

    [Fact]
    public void Tensors_Filter_ShowsTheMatching()
    {
        Adapters.Add("a");
        Adapters.Tensors = [new AdapterTensorInfo("q_proj", [1], 1), new AdapterTensorInfo("k_proj", [1], 1)];
        var page = Open("a");
        page.WaitForElement("[data-testid=adapter-tensors] tbody tr");

        page.Find("[data-testid=tensor-filter]").Input("Q_");
        Assert.Equal("q_proj", Assert.Single(page.FindAll("[data-testid=adapter-tensors] tbody td:first-child")).TextContent);
    }

    [Fact]
    public void Tensors_CannotBeRead_SaysWhyAndTriesAgain()
    {
        Adapters.Add("a");
        Adapters.Refused = new StudioException("The base model of the adapter 'a' is not loaded.");
        var page = Open("a");
        page.WaitForAssertion(() => Assert.Contains("is not loaded", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));

        Adapters.Refused = null;
        Adapters.Tensors = [new AdapterTensorInfo("q_proj", [1], 1)];
        page.Find("[role=alert] button").Click();

        page.WaitForAssertion(() => Assert.Single(page.FindAll("[data-testid=adapter-tensors] tbody tr")));
    }

    [Fact]
    public async Task Save_NameTagsAndNotes_AreStored()
    {
        Adapters.Add("a", "Old");
        var page = Open("a");
        Assert.True(page.Find("[data-testid=adapter-save]").HasAttribute("disabled"));

        page.Find("#adapter-name").Input("New");
        page.Find("#adapter-tags").Input(" style, demo ,, Demo");
        page.Find("#adapter-notes").Input("Line one\nline two");
        Assert.Equal("Not saved yet", page.Find("[data-testid=adapter-saved]").TextContent);
        await page.Find("form").SubmitAsync();

        var stored = await Adapters.GetAsync("a", Xunit.TestContext.Current.CancellationToken);
        Assert.Equal(("New", "Line one\nline two"), (stored.Name, stored.Notes));
        Assert.Equal(["style", "demo"], stored.Tags);
        page.WaitForAssertion(() => Assert.Equal("New", page.Find("h1").TextContent));
        Assert.Equal("Saved", page.Find("[data-testid=adapter-saved]").TextContent);
        Assert.Equal("style, demo", page.Find("#adapter-tags").GetAttribute("value"));
    }

    [Fact]
    public void Edit_WhileTheAdapterChangesElsewhere_IsNotOverwritten()
    {
        Adapters.Add("a", "Old");
        var page = Open("a");
        page.Find("#adapter-notes").Input("mine");

        Adapters.Change("a", adapter => adapter with { Bytes = 1024 });

        page.WaitForAssertion(() => Assert.Contains("1.00 KiB", page.Markup, StringComparison.Ordinal));
        Assert.Equal("mine", page.Find("#adapter-notes").GetAttribute("value"));
    }

    [Fact]
    public void Name_Empty_IsSaidAtTheField()
    {
        Adapters.Add("a");
        var page = Open("a");

        page.Find("#adapter-name").Input(" ");

        Assert.Equal("The adapter needs a name.", page.Find("[data-testid=adapter-name-finding]").TextContent);
        Assert.True(page.Find("[data-testid=adapter-save]").HasAttribute("disabled"));
    }

    [Fact]
    public void InTraining_CannotBeDeletedAndSaysWhy()
    {
        Runs.Add("r");
        Adapters.Add("a", runId: "r");
        Adapters.Training.Add("a");
        var page = Open("a");

        Assert.True(page.FindComponent<AdapterActions>().Instance.IsTraining);
        Assert.Contains("stop its run first", page.Find("[data-testid=adapter-in-training]").TextContent, StringComparison.Ordinal);

        Adapters.Training.Clear();
        Runs.Change("r", run => run with { Record = run.Record with { State = RunState.Stopped } });

        page.WaitForAssertion(() => Assert.False(page.FindComponent<AdapterActions>().Instance.IsTraining));
    }

    [Fact]
    public async Task Delete_AfterTheQuestion_DeletesAndSaysSo()
    {
        Adapters.Add("a");
        var (menus, dialogs) = (RenderMenus(), RenderDialogs());
        var page = Open("a");

        var deleting = Choose(page, menus, "delete-adapter");
        dialogs.WaitForElement(".mud-button-filled").Click();
        await deleting;

        page.WaitForAssertion(() => Assert.Contains("This adapter was deleted", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Delete_Cancelled_KeepsIt()
    {
        Adapters.Add("a");
        var (menus, dialogs) = (RenderMenus(), RenderDialogs());
        var page = Open("a");

        var deleting = Choose(page, menus, "delete-adapter");
        dialogs.WaitForElement(".mud-button-text").Click();
        await deleting;

        Assert.Single(await Adapters.ListAsync(Xunit.TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Delete_WithDependents_NamesThemFirst()
    {
        Adapters.Add("a");
        Adapters.Uses = new AdapterUses([new AdapterUse("r", "Captain")], [new AdapterUse("b", "Bosun"), new AdapterUse("c", "Cook")], 1);
        Services.GetRequiredService<OpenPanes>().Show(new object(), ["a", null]);
        var (menus, dialogs) = (RenderMenus(), RenderDialogs());
        var page = Open("a");

        var deleting = Choose(page, menus, "delete-adapter");
        dialogs.WaitForElement("[data-testid=dialog-points]");

        Assert.Equal(
        [
            "The run “Captain” stays, with curves and log, without an adapter to chat with.",
            "“Bosun”, “Cook” were made from it: they stay and lose their parent.",
            "It is open in a pane of a playground, which can ask it nothing more.",
            "An answer is being written with it, and will be finished.",
        ], dialogs.FindAll("[data-testid=dialog-points] li").Select(point => point.TextContent));
        dialogs.Find(".mud-button-text").Click();
        await deleting;
    }

    [Fact]
    public async Task Duplicate_OpensTheCopy()
    {
        Adapters.Add("a");
        var menus = RenderMenus();
        var page = Open("a");

        await Choose(page, menus, "duplicate-adapter");

        Assert.EndsWith("/adapters/a-copy", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Lineage_LinksRunDatasetParentAndChildren()
    {
        Datasets.Add("pirate");
        Runs.Add("r", RunState.Finished);
        Adapters.Add("parent", "Elder");
        Adapters.Add("a", "Pirate", "r");
        Adapters.Change("a", adapter => adapter with { ParentId = "parent", DatasetId = "pirate", Source = AdapterSource.Run });
        Adapters.Add("child", "Younger");
        Adapters.Change("child", adapter => adapter with { ParentId = "a" });

        var page = Open("a");

        page.WaitForAssertion(() => Assert.Equal("/adapters/parent", page.Find("[data-testid=lineage-parent]").GetAttribute("href")));
        Assert.Equal("/runs/r", page.Find("[data-testid=lineage-run]").GetAttribute("href"));
        Assert.Equal("/datasets/pirate", page.Find("[data-testid=lineage-dataset]").GetAttribute("href"));
        Assert.Equal("/models/base", page.Find("[data-testid=lineage-base]").GetAttribute("href"));
        Assert.Equal("/adapters/child", page.Find("[data-testid=lineage-children] a").GetAttribute("href"));
    }

    [Fact]
    public void Lineage_OfWhatIsGone_SaysSo()
    {
        Adapters.Add("a", runId: "r");
        Adapters.Change("a", adapter => adapter with { ParentId = "x", DatasetId = "y", Source = AdapterSource.Import, SourceName = "a.zip" });

        var page = Open("a");

        page.WaitForAssertion(() => Assert.Contains("A dataset that was deleted", page.Find("[data-testid=adapter-lineage]").TextContent, StringComparison.Ordinal));
        Assert.Contains("An adapter that was deleted", page.Markup, StringComparison.Ordinal);
        Assert.Contains("A run that was deleted", page.Markup, StringComparison.Ordinal);
        Assert.Equal("Imported from a.zip", page.Find("[data-testid=lineage-origin]").TextContent);
    }

    [Fact]
    public void Lineage_OfACombination_SaysThatItWasCombined()
    {
        Adapters.Add("a");
        Adapters.Change("a", adapter => adapter with { Source = AdapterSource.Combination });

        var page = Open("a");

        page.WaitForAssertion(() => Assert.Equal("Combined of several adapters", page.Find("[data-testid=lineage-origin]").TextContent));
        Assert.DoesNotContain("Not trained", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void NormMap_ShowsTheTellingPartAndOthersOnDemand()
    {
        Adapters.Add("a");
        Adapters.Tensors = [Tensor(0, "self_attn.q_proj", "lora_A.weight", 3), Tensor(0, "self_attn.q_proj", "lora_B.weight", 4), Tensor(1, "self_attn.q_proj", "lora_A.weight", 3), Tensor(1, "self_attn.q_proj", "lora_B.weight", 1)];
        var page = Open("a");
        page.WaitForElement("[data-testid=norm-map]");

        Assert.Equal(["Layer", "q_proj"], page.FindAll("[data-testid=norm-map] thead th").Select(cell => cell.TextContent));
        Assert.Equal(["4.00", "1.00"], page.FindAll("[data-testid=norm-map] td").Select(cell => cell.TextContent));
        Assert.Equal("--studio-heat: 100%", page.Find("[data-testid=norm-map] td").GetAttribute("style"));
        Assert.Contains("norms of lora_B.weight by layer and module, 1.00 to 4.00", page.Find("[data-testid=norm-map] caption").TextContent, StringComparison.Ordinal);

        page.Find("[data-testid=norm-part]").Change("-1");
        Assert.Equal(["5.00", "3.16"], page.FindAll("[data-testid=norm-map] td").Select(cell => cell.TextContent));

        static AdapterTensorInfo Tensor(int block, string module, string part, double norm) =>
            new($"base_model.model.model.layers.{block}.{module}.{part}", [1], norm) { Place = new TensorPlace(block, module, part) };
    }

    private static Task Choose(IRenderedComponent<AdapterDetailPage> page, IRenderedComponent<MudPopoverProvider> menus, string item)
    {
        page.Find("[data-testid=adapter-menu] button").Click();
        return menus.WaitForElement($"[data-testid={item}]").ClickAsync(new());
    }

    private IRenderedComponent<AdapterDetailPage> Open(string id) => Render<AdapterDetailPage>(p => p.Add(c => c.Id, id));

    private static string Settings(IRenderedComponent<AdapterDetailPage> page) =>
        string.Concat(page.Find("[data-testid=adapter-settings]").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
