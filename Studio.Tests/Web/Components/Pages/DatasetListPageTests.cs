using Bunit;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using Studio.Core;
using Studio.Core.Storage;
using Studio.Tests.Web.Doubles;
using Studio.Web.Api;
using Studio.Web.Components.Pages;

namespace Studio.Tests.Web.Components.Pages;

public sealed class DatasetListPageTests : EngineTestContext
{
    [Fact]
    public void NoDatasets_SaysHowToAddOne()
    {
        var page = Render<DatasetListPage>();

        Assert.Contains("No datasets yet", page.Markup, StringComparison.Ordinal);
        Assert.Equal(5, page.FindAll("[data-testid=dataset-formats] pre").Count);
        Assert.Contains("at most 256 MiB", page.Find("[data-testid=dataset-upload]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Row_ShowsItsFactsAndUse()
    {
        Datasets.Add("pirate", rows: 1_200, badRows: 3);
        Runs.Add("a");
        Runs.Add("b", RunState.Finished);

        var row = Render<DatasetListPage>().Find("[data-testid=dataset-row-pirate]");

        Assert.Contains("Chat messages", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("1,200", row.TextContent, StringComparison.Ordinal);
        Assert.Equal("3", row.QuerySelector("[data-label='Refused rows']")!.TextContent);
        Assert.Equal("2 runs, 1 not ended", row.QuerySelector("[data-testid=dataset-use]")!.TextContent);
        Assert.Equal("/runs/new?dataset=pirate", row.QuerySelector("[data-testid=dataset-fine-tune]")!.GetAttribute("href"));
    }

    [Fact]
    public void CannotBeRead_ShowsWhyAndCanTryAgain()
    {
        Datasets.Add("pirate");
        Datasets.Failure = new StorageException("The database is damaged.");
        var page = Render<DatasetListPage>();
        Assert.Contains("The database is damaged.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal);

        Datasets.Failure = null;
        page.Find("[role=alert] button").Click();

        Assert.NotEmpty(page.FindAll("[data-testid=dataset-row-pirate]"));
        Assert.Empty(page.FindAll("[role=alert]"));
    }

    [Fact]
    public void FromTheHub_Form_StartsItAndForgetsTheToken()
    {
        var page = Render<DatasetListPage>();
        foreach (var (field, text) in new[] { ("id", "owner/rows"), ("config", "small"), ("split", "test"), ("revision", "v1"), ("token", "hf_secret") })
            page.Find("#dataset-hub-" + field).Input(text);
        page.Find("[data-testid=dataset-hub-form]").Submit();

        var request = Assert.Single(Downloads.Started);
        Assert.Equal((DownloadKind.Dataset, "owner/rows", "small", "test", "v1", "hf_secret"), (request.Kind, request.HubId, request.Subset, request.Split, request.Revision, request.Token));
        Assert.DoesNotContain("hf_secret", page.Markup, StringComparison.Ordinal);

        Downloads.Refusal = new StudioException("'x y' is not an id of the Hub.");
        page.Find("#dataset-hub-id").Input("x y");
        page.Find("[data-testid=dataset-hub-form]").Submit();
        Assert.Equal("'x y' is not an id of the Hub.", page.Find("#dataset-hub-id-finding").TextContent);
        Assert.Equal("x y", page.Find("#dataset-hub-id").GetAttribute("value"));
    }

    [Fact]
    public void FromTheHub_OnItsWay_ShowsProgressErrorsAndCancelAndNoModels()
    {
        var page = Render<DatasetListPage>();
        Downloads.Show("model", DownloadState.Running, done: 1, total: 2);
        Downloads.Show("rows", DownloadState.Running, done: 10 << 20, total: 40 << 20, kind: DownloadKind.Dataset);

        page.WaitForAssertion(() => Assert.Equal("25", page.Find("[data-testid=download-rows] [role=progressbar]").GetAttribute("aria-valuenow")));
        Assert.Contains("owner/rows · test", page.Find("[data-testid=download-rows]").TextContent, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=download-model]"));

        Downloads.Show("rows", DownloadState.Failed, error: "The Hub has nothing at 'owner/rows'.", kind: DownloadKind.Dataset);
        page.WaitForAssertion(() => Assert.Equal("The Hub has nothing at 'owner/rows'.", page.Find("[data-testid=download-error]").TextContent));
        Downloads.Show("rows", DownloadState.Finished, resultId: "d1", kind: DownloadKind.Dataset);
        page.WaitForAssertion(() => Assert.Equal("/datasets/d1", page.Find("[data-testid=download-open]").GetAttribute("href")));
        page.Find("[data-testid=download-cancel]").Click();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-testid=downloads]")));
    }

    [Fact]
    public async Task Upload_TwoBrokenLines_AreShownWithTheirNumbers()
    {
        Datasets.Problems = [new(2, "role: missing or null, wanted a string"), new(5, "not valid JSON at byte 4: found 'x', wanted one JSON object per line")];
        var page = Render<DatasetListPage>();
        Choose(page, "mine.jsonl", "{}\n");
        page.Find("[data-testid=dataset-name]").Input("My rows");

        await page.Find("[data-testid=dataset-upload] form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal(["Line 2", "Line 5"], page.FindAll("[data-testid=dataset-error-line] strong").Select(line => line.TextContent)));
        Assert.Contains("wanted a string", page.FindAll("[data-testid=dataset-error-line]")[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("My rows was added: 800 rows; 2 lines were left out.", page.Find("[data-testid=dataset-added]").TextContent, StringComparison.Ordinal);
        Assert.Equal([("My rows", "mine.jsonl", 3L)], Datasets.Imported);
        Assert.NotEmpty(page.FindAll("[data-testid='dataset-row-My rows']"));
        // Ready for the next one.
        Assert.Empty(page.Find("[data-testid=dataset-name]").GetAttribute("value") ?? "");
        Assert.True(page.Find("[data-testid=dataset-import]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Upload_NothingUsable_ShowsEveryLineAndThatNothingWasStored()
    {
        Datasets.Importing = (_, _) => Task.FromException(new StudioException("'x.jsonl' was not imported: no line of it can be used.", ["Line 1: not valid UTF-8", "Line 2: not valid UTF-8"]));
        var page = Render<DatasetListPage>();
        Choose(page, "x.jsonl", "a\nb\n");

        await page.Find("[data-testid=dataset-upload] form").SubmitAsync();

        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("[data-testid=dataset-error-line]").Count));
        Assert.Contains("Nothing was stored.", page.Find("[data-testid=dataset-failure]").TextContent, StringComparison.Ordinal);
        Assert.Empty(Datasets.Imported);
    }

    public static TheoryData<Exception> Breaks { get; } =
        [new JSException("The file could not be read."), new JSDisconnectedException("gone"), new TimeoutException("no data"), new TaskCanceledException(), new IOException("The stream broke.")];

    [Theory]
    [MemberData(nameof(Breaks), DisableDiscoveryEnumeration = true)]
    public async Task Upload_BreaksOff_SaysSoAndCanBeRepeated(Exception failure)
    {
        Datasets.Importing = (_, _) => Task.FromException(failure);
        var page = Render<DatasetListPage>();
        Choose(page, "x.jsonl", "{}");
        await page.Find("[data-testid=dataset-upload] form").SubmitAsync();
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("[data-testid=dataset-failure]")));

        Datasets.Importing = null;
        Choose(page, "x.jsonl", "{}");
        await page.Find("[data-testid=dataset-upload] form").SubmitAsync();

        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("[data-testid=dataset-added]")));
        Assert.Empty(page.FindAll("[data-testid=dataset-failure]"));
    }

    [Fact]
    public void Choose_EmptyFile_IsRefusedAtOnce()
    {
        var page = Render<DatasetListPage>();

        Choose(page, "x.jsonl", "");

        Assert.Contains("'x.jsonl' is empty", page.Find("[data-testid=dataset-failure]").TextContent, StringComparison.Ordinal);
        Assert.True(page.Find("[data-testid=dataset-import]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Choose_TooLarge_IsRefusedAtOnceWithBothSizes()
    {
        var page = Render<DatasetListPage>();

        var large = new TestBrowserFile("big.jsonl", RequestLimits.DatasetBytes + (64L << 20));
        await page.InvokeAsync(() => page.FindComponent<InputFile>().Instance.OnChange.InvokeAsync(new InputFileChangeEventArgs([large])));

        Assert.Contains("'big.jsonl' has 320 MiB; expected at most 256 MiB", page.Find("[data-testid=dataset-failure]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_UnderWay_ShowsProgressAndCanBeCancelled()
    {
        var begun = new TaskCompletionSource();
        Datasets.Importing = async (content, ct) =>
        {
            await content.ReadExactlyAsync(new byte[3], ct);
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, ct);
        };
        var page = Render<DatasetListPage>();
        Choose(page, "x.jsonl", "{}\n{}\n{}\n{}\n");

        var submit = page.Find("[data-testid=dataset-upload] form").SubmitAsync();
        await begun.Task;
        page.WaitForAssertion(() => Assert.Equal("25", page.Find("[data-testid=dataset-progress] [role=progressbar]").GetAttribute("aria-valuenow")));
        await page.Find("[data-testid=dataset-cancel]").ClickAsync(new());
        await submit;

        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-testid=dataset-progress]")));
        Assert.Empty(page.FindAll("[data-testid=dataset-failure]"));
        Assert.Empty(Datasets.Imported);
        Assert.False(page.Find("[data-testid=dataset-import]").HasAttribute("disabled"));
    }

    [Fact]
    public async Task Dispose_DuringAnUpload_EndsIt()
    {
        var ended = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        Datasets.Importing = async (_, ct) =>
        {
            using var registration = ct.Register(ended.SetResult);
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, ct);
        };
        var page = Render<DatasetListPage>();
        Choose(page, "x.jsonl", "{}");
        _ = page.Find("[data-testid=dataset-upload] form").SubmitAsync();
        await begun.Task;

        await DisposeComponentsAsync();

        await ended.Task;
        Assert.Equal(0, Runs.Handlers);
    }

    private static void Choose(IRenderedComponent<DatasetListPage> page, string name, string text) =>
        page.FindComponent<InputFile>().UploadFiles(InputFileContent.CreateFromText(text, name));

    private sealed class TestBrowserFile(string name, long size) : IBrowserFile
    {
        public string Name => name;

        public DateTimeOffset LastModified => DateTimeOffset.UnixEpoch;

        public long Size => size;

        public string ContentType => "";

        public Stream OpenReadStream(long maxAllowedSize = 512_000, CancellationToken cancellationToken = default) => throw new InvalidOperationException("A file that is too large is not opened.");
    }
}
