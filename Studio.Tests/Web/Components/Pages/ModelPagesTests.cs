using Bunit;
using Studio.Core;
using Studio.Core.Hub;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Pages;

namespace Studio.Tests.Web.Components.Pages;

public sealed class ModelPagesTests : EngineTestContext
{
    [Fact]
    public void List_ShowsMemoryDiskCacheAndWhoUsesWhat()
    {
        Models.Unloaded.Add(new KnownModel(TestModelService.Record("old", "old"), false, true, true, "The folder is damaged."));
        Models.Users = ["Captain", "Chats on starter"];
        Models.Cached.Add(new CachedModel("Qwen/Qwen2.5-0.5B", "abc", ["main"], "/cache/x", 1 << 30, null));
        Models.Cached.Add(new CachedModel("gpt2", "def", [], "/cache/y", 0, "It has only pickle weights, which the studio never opens."));

        var page = Render<ModelListPage>();

        Assert.Equal("In memory", page.Find("[data-testid=model-row-base] [data-testid=model-state]").TextContent);
        Assert.Equal("Captain, Chats on starter", page.Find("[data-testid=model-row-base] [data-testid=model-users]").TextContent);
        Assert.Contains("The folder is damaged.", page.Find("[data-testid=model-row-old]").TextContent, StringComparison.Ordinal);
        Assert.Equal([false, true], page.FindAll("[data-testid=cache-load]").Select(button => button.HasAttribute("disabled")));
        page.Find("[data-testid=model-row-old] [data-testid=model-load]").Click();
        page.FindAll("[data-testid=cache-load]")[0].Click();
        Assert.Equal(["load known old", "load /cache/x auto"], Models.Calls);
    }

    [Fact]
    public void Download_Form_StartsItAndForgetsTheToken()
    {
        var page = Render<ModelListPage>();
        page.Find("#hub-id").Input("owner/name");
        page.Find("#hub-token").Input("hf_secret");
        page.Find("[data-testid=download-form]").Submit();

        var request = Assert.Single(Downloads.Started);
        Assert.Equal(("owner/name", "hf_secret", DownloadKind.Model, true), (request.HubId, request.Token, request.Kind, request.Load));
        Assert.DoesNotContain("hf_secret", page.Markup, StringComparison.Ordinal);

        Downloads.Refusal = new StudioException("'x y' is not an id of the Hub.");
        page.Find("#hub-id").Input("x y");
        page.Find("[data-testid=download-form]").Submit();
        Assert.Equal("'x y' is not an id of the Hub.", page.Find("#hub-id-finding").TextContent);
    }

    [Fact]
    public void Download_OnItsWay_ShowsProgressAndCanBeCancelledOrResumed()
    {
        var page = Render<ModelListPage>();
        Downloads.Show("a", DownloadState.Running, done: 30 << 20, total: 120 << 20);

        page.WaitForAssertion(() => Assert.Equal("25", page.Find("[data-testid=download-a] [role=progressbar]").GetAttribute("aria-valuenow")));
        string text = page.Find("[data-testid=download-a]").TextContent;
        foreach (string part in new[] { "30.0 MiB of 120 MiB", "2.00 MiB/s", "30 s left", "model.safetensors" }) Assert.Contains(part, text, StringComparison.Ordinal);

        Downloads.Show("a", DownloadState.Failed, done: 30 << 20, total: 120 << 20, error: "The disk is full.");
        page.WaitForAssertion(() => Assert.Equal("The disk is full.", page.Find("[data-testid=download-error]").TextContent));
        page.Find("[data-testid=download-token]").Change("hf_new");
        page.Find("[data-testid=download-a] form").Submit();
        Assert.Equal([("a", "hf_new")], Downloads.Resumed);
        page.Find("[data-testid=download-cancel]").Click();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-testid=download-a]")));
    }

    [Fact]
    public void Import_RelativeOrUnsoundFolder_ShowsTheFindingAtTheField()
    {
        var page = Render<ModelListPage>();
        page.Find("#import-folder").Input("models/x");
        page.Find("[data-testid=import-form]").Submit();
        Assert.Contains("no absolute path", page.Find("#import-folder-finding").TextContent, StringComparison.Ordinal);
        Assert.Empty(Models.Calls);

        Models.LoadRefusal = new StudioException("The model folder '/x' does not exist.");
        page.Find("#import-folder").Input("/x");
        page.Find("[data-testid=import-form]").Submit();
        Assert.Equal("The model folder '/x' does not exist.", page.Find("#import-folder-finding").TextContent);
        Assert.Empty(page.FindAll("[data-testid=model-loaded]"));
    }

    [Theory]
    [InlineData("/models/starter", "is in memory.")]
    [InlineData("/elsewhere/starter", "is in memory already")]
    public void Import_SoundFolder_SaysWhatIsInMemory(string folder, string notice)
    {
        var page = Render<ModelListPage>();
        page.Find("#import-folder").Input(folder);
        page.Find("[data-testid=import-form]").Submit();
        Assert.Contains(notice, page.Find("[data-testid=model-loaded]").TextContent, StringComparison.Ordinal);
        Assert.Equal("", page.Find("#import-folder").GetAttribute("value"));
    }

    [Theory]
    [InlineData("https://example.org/license", true)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("LICENSE", false)]
    public void License_OnlyAWebAddressBecomesALink(string link, bool isLink)
    {
        Models.Detailing = details => details with { License = "a license whose name is rather long", LicenseLink = link };
        var page = Render<ModelDetailPage>(parameters => parameters.Add(model => model.Id, TestModelService.ModelId));
        var tile = page.Find("[data-testid=model-license]");
        Assert.Contains("a license whose name is rather long", tile.TextContent, StringComparison.Ordinal);
        Assert.Equal(isLink ? link : null, tile.QuerySelector("a")?.GetAttribute("href"));
    }

    [Fact]
    public void Detail_ShowsArchitectureLicenseTemplateAndFiles()
    {
        var page = Render<ModelDetailPage>(parameters => parameters.Add(model => model.Id, TestModelService.ModelId));

        string facts = page.Find("[data-testid=model-architecture]").TextContent;
        foreach (string part in new[] { "Layers4", "Hidden size256", "Heads8 of 32", "Key/value heads4", "PositionsRotary, base 10000", "Stored asbfloat16" }) Assert.Contains(part, facts, StringComparison.Ordinal);
        Assert.Contains("apache-2.0", page.Markup, StringComparison.Ordinal);
        Assert.Equal("{{ messages }}", page.Find("[data-testid=model-template] pre").TextContent);
        Assert.Contains("model.safetensors", page.Find("[data-testid=model-files]").TextContent, StringComparison.Ordinal);
        page.Find("[data-testid=model-at-start]").Change(true);
        Assert.Equal(["at start base True"], Models.Calls);
    }

    [Fact]
    public void Detail_InUse_NamesTheUsersAndDoesNotUnload()
    {
        Models.Users = ["Captain"];
        var page = Render<ModelDetailPage>(parameters => parameters.Add(model => model.Id, TestModelService.ModelId));
        Assert.Contains("In use by Captain.", page.Find("[data-testid=model-in-use]").TextContent, StringComparison.Ordinal);
        Assert.True(page.Find("[data-testid=model-unload]").HasAttribute("disabled"));
    }

    [Fact]
    public void Loading_ListAndDetail_ShowProgressLiveAndCanBeCancelled()
    {
        Models.Unloaded.Add(new KnownModel(TestModelService.Record("old", "old"), false, true, true, null));
        var list = Render<ModelListPage>();
        var detail = Render<ModelDetailPage>(parameters => parameters.Add(model => model.Id, "old"));
        Assert.Empty(list.FindAll("[data-testid=model-loading]"));

        foreach (double progress in new[] { 0, 0.42, 0.99 })
        {
            Models.Loading = [new ModelLoading("a", "/models/old", "old", progress), new ModelLoading("b", "/models/other", "other", 0.1)];
            Models.Signal();
            string percent = $"{(int)(progress * 100)}";
            list.WaitForAssertion(() => Assert.Equal([percent, "10"], list.FindAll("[data-testid=model-loading] [role=progressbar]").Select(bar => bar.GetAttribute("aria-valuenow"))));
            detail.WaitForAssertion(() => Assert.Equal(percent, Assert.Single(detail.FindAll("[data-testid=model-loading] [role=progressbar]")).GetAttribute("aria-valuenow")));
        }
        Assert.Contains("99 %", detail.Find("[data-testid=model-loading]").TextContent, StringComparison.Ordinal);

        detail.Find("[data-testid=loading-cancel]").Click();
        list.WaitForAssertion(() => Assert.Single(list.FindAll("[data-testid=model-loading]")));
        detail.WaitForAssertion(() => Assert.Empty(detail.FindAll("[data-testid=model-loading]")));
        Assert.Equal(["cancel a"], Models.Calls);
    }

    [Fact]
    public async Task Detail_Unload_AsksFirst()
    {
        var dialogs = RenderDialogs();
        var page = Render<ModelDetailPage>(parameters => parameters.Add(model => model.Id, TestModelService.ModelId));
        page.Find("[data-testid=model-unload]").Click();
        dialogs.WaitForAssertion(() => Assert.Contains("Unload starter?", dialogs.Markup, StringComparison.Ordinal));
        Assert.Empty(Models.Calls);
        await dialogs.FindAll("button").Single(button => button.TextContent == "Unload").ClickAsync(new());
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("[data-testid=model-load]")));
        Assert.Equal(["unload base"], Models.Calls);
    }

    [Fact]
    public async Task Detail_UnknownModelAndDispose_SayAndLeaveNothing()
    {
        Assert.Contains("There is no such model", Render<ModelDetailPage>(parameters => parameters.Add(model => model.Id, "nobody")).Markup, StringComparison.Ordinal);
        Render<ModelListPage>();
        Assert.True(Models.Handlers > 0);
        await DisposeComponentsAsync();
        Assert.Equal(0, Models.Handlers);
    }
}
