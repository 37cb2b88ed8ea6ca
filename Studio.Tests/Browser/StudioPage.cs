using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Studio.Tests.Browser;

/// <summary>A browser window on the studio that remembers everything the console said.</summary>
public sealed class StudioPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    private StudioPage(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
        page.Console += (_, message) =>
        {
            _complaints.Enqueue($"console {message.Type}: {message.Text} ({message.Location})");
        };
        page.PageError += (_, error) => _complaints.Enqueue($"page error: {error}");
        page.RequestFailed += (_, request) =>
        {
            // A navigation cancels what the page before it was still loading.
            if (request.Failure != "net::ERR_ABORTED")
                _complaints.Enqueue($"request failed: {request.Method} {request.Url} {request.Failure}");
        };
    }

    public IPage Page { get; }

    public static async Task<StudioPage> CreateAsync(IBrowserContext context) => new(context, await context.NewPageAsync());

    /// <summary>Opens an address and waits until the circuit answers.</summary>
    public async Task GoToAsync(string path)
    {
        await Page.GotoAsync(path);
        await Page.Locator("html[data-circuit=ready]").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
    }

    /// <summary>Keeps a picture for people to look at, below TestResults/screenshots.</summary>
    public async Task ScreenshotAsync(string name, bool fullPage = true)
    {
        var path = Path.Combine(ScreenshotDirectory, name + ".png");
        // A full page is put together from its top; fixed bars would else lie across its middle.
        await Page.EvaluateAsync("window.scrollTo(0, 0)");
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = path, FullPage = fullPage, Animations = ScreenshotAnimations.Disabled });
    }

    /// <summary>Opens a page, waits until something of it is there, looks for what sticks out, and takes its picture.</summary>
    public async Task VisitAsync(string path, string mark, string screenshot)
    {
        await GoToAsync(path);
        await Page.Locator(mark).First.WaitForAsync();
        await AssertNoSidewaysScrollAsync();
        await ScreenshotAsync(screenshot);
    }

    /// <summary>Chooses from the menu of an adapter's page.</summary>
    public async Task ChooseFromAdapterMenuAsync(string item)
    {
        await Page.GetByTestId("adapter-menu").GetByRole(AriaRole.Button).ClickAsync();
        await Page.GetByTestId(item).ClickAsync();
    }

    /// <summary>Asserts that the console stayed empty.</summary>
    public void AssertQuiet() => Assert.Empty(_complaints);

    /// <summary>Asserts that nothing sticks out at the side.</summary>
    public async Task AssertNoSidewaysScrollAsync()
    {
        var overflow = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"The page is {overflow} px wider than its window.");
    }

    public ValueTask DisposeAsync() => _context.DisposeAsync();

    private static string ScreenshotDirectory
    {
        get
        {
            // bin/<configuration>/<framework> -> project
            var project = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", ".."));
            return Directory.CreateDirectory(Path.Combine(project, "TestResults", "screenshots")).FullName;
        }
    }
}
