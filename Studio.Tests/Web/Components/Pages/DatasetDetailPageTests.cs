using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Studio.Core;
using Studio.Core.Serving;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Pages;

namespace Studio.Tests.Web.Components.Pages;

public sealed class DatasetDetailPageTests : EngineTestContext
{
    [Fact]
    public void UnknownId_SaysSoAndLeadsBack()
    {
        var page = Open("nope");

        Assert.Contains("No dataset has the id 'nope'", page.Markup, StringComparison.Ordinal);
        Assert.Equal("/datasets", page.Find(".studio-empty a").GetAttribute("href"));
    }

    [Fact]
    public void Dataset_ShowsFactsTokensRefusedLinesAndRuns()
    {
        Datasets.Add("pirate", rows: 10, badRows: 2);
        Datasets.Problems = [new(4, "not valid UTF-8"), new(9, "text: found an empty text, wanted some content")];
        Datasets.Summary = new DatasetSummary(10, 30, 1_000, 250, 40, 90, 180, 200, 1);
        Runs.Add("a");

        var page = Open("pirate");

        Assert.Contains("2 refused", page.Find("[data-testid=dataset-facts]").TextContent, StringComparison.Ordinal);
        var tokens = page.Find("[data-testid=dataset-tokens]");
        Assert.Equal("false", tokens.GetAttribute("aria-busy"));
        Assert.Contains("Tokens as starter reads them", tokens.TextContent, StringComparison.Ordinal);
        Assert.Contains("25", tokens.TextContent, StringComparison.Ordinal);
        Assert.Contains("Longest 200", tokens.TextContent, StringComparison.Ordinal);
        Assert.Contains("Of more than 512 tokens", tokens.TextContent, StringComparison.Ordinal);
        Assert.Equal(["Line 4", "Line 9"], page.FindAll("[data-testid=dataset-refused] [data-testid=dataset-error-line] strong").Select(line => line.TextContent));
        Assert.Equal("/runs/a", page.Find("[data-testid=dataset-runs] a").GetAttribute("href"));
        Assert.Equal("/runs/new?dataset=pirate", page.Find("[data-testid=dataset-fine-tune]").GetAttribute("href"));
    }

    [Fact]
    public void Preview_MarksTrainedSpecialAndIds()
    {
        Datasets.Add("pirate");
        Datasets.Tokens = _ => [new("<|im_start|>", 1, false, Special: true), new("Hi\n", 40, false), new("Arr", 41, true), new("", 42, true), new("<|im_end|>", 2, true, Special: true)];

        var tokens = Open("pirate").FindAll("[data-testid=preview-token]");

        Assert.Equal(["<|im_start|>", "Hi↵\n", "Arr", "◌", "<|im_end|>"], tokens.Select(token => token.TextContent));
        Assert.Equal(["false", "false", "true", "true", "true"], tokens.Select(token => token.GetAttribute("data-trained")));
        Assert.Equal("Token 2, trained, special", tokens[4].GetAttribute("title"));
        Assert.Equal("Token 40, context", tokens[1].GetAttribute("title"));
        Assert.Contains("studio-token-special", tokens[0].ClassName, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_StepAndType_ShowsThatRowAndSaysItInTheAddress()
    {
        Datasets.Add("pirate", rows: 3);
        Datasets.Tokens = row => [new($"row {row}", row, true)];
        var page = Open("pirate");
        Assert.True(page.Find("[data-testid=preview-previous]").HasAttribute("disabled"));

        await page.Find("[data-testid=preview-next]").ClickAsync(new());
        Assert.Equal("row 1", page.Find("[data-testid=preview-token]").TextContent);
        Assert.EndsWith("/datasets/pirate?row=2", Address, StringComparison.Ordinal);

        page.Find("[data-testid=preview-row]").Change("99");
        Assert.Equal("row 2", page.Find("[data-testid=preview-token]").TextContent);
        Assert.EndsWith("?row=3", Address, StringComparison.Ordinal);
        Assert.True(page.Find("[data-testid=preview-next]").HasAttribute("disabled"));
    }

    [Fact]
    public void Preview_ShorterLength_MarksWhatTrainingCuts()
    {
        Datasets.Add("pirate");
        Datasets.Tokens = _ => [new("Question", 1, false), new("Answer", 2, true), new("Rest", 3, true)];
        var page = Open("pirate");
        Assert.Equal("3 tokens, 2 trained", page.Find("[data-testid=preview-count]").TextContent);

        page.Find("[data-testid=preview-length]").Change("2");

        Assert.Equal("3 tokens, 1 trained, 1 cut off", page.Find("[data-testid=preview-count]").TextContent);
        Assert.Single(page.FindAll("[data-testid=preview-tokens] .studio-token-cut"));
        Assert.Equal("false", page.FindAll("[data-testid=preview-token]")[2].GetAttribute("data-trained"));
        Assert.EndsWith("?length=2", Address, StringComparison.Ordinal);
    }

    [Fact]
    public void Preview_NothingTrained_SaysThatTheRowIsLeftOut()
    {
        Datasets.Add("pirate");
        Datasets.Tokens = _ => [new("Question", 1, false)];

        Assert.NotEmpty(Open("pirate").FindAll("[data-testid=preview-nothing]"));
    }

    [Fact]
    public void Address_NamesARow_ItIsShown()
    {
        Datasets.Add("pirate", rows: 30);
        Datasets.Tokens = row => [new($"row {row}", row, true)];
        Services.GetRequiredService<NavigationManager>().NavigateTo("/datasets/pirate?row=7");

        Assert.Equal("row 6", Open("pirate").Find("[data-testid=preview-token]").TextContent);
    }

    [Fact]
    public void Address_NamesARowThatIsNotThere_SaysWhichThereAre()
    {
        Datasets.Add("pirate", rows: 30);
        Services.GetRequiredService<NavigationManager>().NavigateTo("/datasets/pirate?row=31");

        Assert.Contains("There is no row 31; expected 1 to 30.", Open("pirate").Find("[data-testid=dataset-preview] [role=alert]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void NoModel_KeepsTheFactsAndSaysWhatIsMissing()
    {
        Datasets.Add("pirate");
        Models.Loaded = [];

        var page = Open("pirate");

        Assert.NotEmpty(page.FindAll("[data-testid=dataset-facts]"));
        Assert.Contains("No base model is loaded", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_InUse_ShowsTheReasonAndKeepsIt()
    {
        Datasets.Add("pirate");
        Datasets.DeleteRefusal = new StudioException("'pirate' is used by the run 'a', which has not ended. Stop the run first.");

        var page = await DeleteAsync("Delete");

        page.WaitForAssertion(() => Assert.Contains("Stop the run first.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        Assert.NotEmpty(page.FindAll("[data-testid=dataset-facts]"));
    }

    [Fact]
    public async Task Delete_Confirmed_LeadsToTheList()
    {
        Datasets.Add("pirate");

        var page = await DeleteAsync("Delete");

        page.WaitForAssertion(() => Assert.EndsWith("/datasets", Address, StringComparison.Ordinal));
        await Assert.ThrowsAsync<NotFoundException>(() => Datasets.GetAsync("pirate", Xunit.TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Delete_Cancelled_ChangesNothing()
    {
        Datasets.Add("pirate");

        await DeleteAsync("Cancel");

        Assert.NotNull(await Datasets.GetAsync("pirate", Xunit.TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Deleted_Elsewhere_SaysSo()
    {
        Datasets.Add("pirate");
        var page = Open("pirate");

        await Datasets.DeleteAsync("pirate", Xunit.TestContext.Current.CancellationToken);

        page.WaitForAssertion(() => Assert.Contains("This dataset was deleted", page.Markup, StringComparison.Ordinal));
    }

    private string Address => Services.GetRequiredService<NavigationManager>().Uri;

    private IRenderedComponent<DatasetDetailPage> Open(string id) => Render<DatasetDetailPage>(p => p.Add(c => c.Id, id));

    private async Task<IRenderedComponent<DatasetDetailPage>> DeleteAsync(string answer)
    {
        var dialogs = RenderDialogs();
        var page = Open("pirate");
        var click = page.Find("[data-testid=dataset-delete]").ClickAsync(new());
        dialogs.WaitForAssertion(() => Assert.Contains("Delete pirate?", dialogs.Markup, StringComparison.Ordinal));
        await dialogs.FindAll("button").Single(button => button.TextContent.Trim() == answer).ClickAsync(new());
        await click;
        return page;
    }
}
