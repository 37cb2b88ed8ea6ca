using Microsoft.Playwright;
using Studio.Tests.Web;

namespace Studio.Tests.Browser;

/// <summary>One Chromium and one running studio for all browser tests, which therefore run one after another.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--no-first-run",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private RunningStudio? _studio;

    /// <summary>The studio under test.</summary>
    public RunningStudio Studio => _studio ?? throw new InvalidOperationException("No browser was found; tests call RequireBrowser first.");

    /// <summary>Skips the calling test where there is no browser, or fails it where <c>STUDIO_REQUIRE_BROWSER</c> is 1.</summary>
    public void RequireBrowser()
    {
        if (_browser is not null)
            return;
        const string Reason = "No Chromium found in /usr/bin or on the path; install one or set STUDIO_CHROMIUM.";
        Assert.False(Environment.GetEnvironmentVariable("STUDIO_REQUIRE_BROWSER") == "1", Reason);
        Assert.Skip(Reason);
    }

    public async ValueTask InitializeAsync()
    {
        if (ChromiumLocator.Find() is not { } executable)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = executable, Args = Arguments });
        _studio = await RunningStudio.StartAsync();
    }

    /// <summary>Opens a window of its own, with storage of its own.</summary>
    public async Task<StudioPage> OpenAsync(int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light)
    {
        RequireBrowser();
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            BaseURL = Studio.Address.ToString(),
            ReducedMotion = ReducedMotion.Reduce,
        });
        return await StudioPage.CreateAsync(context);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_studio is not null)
            await _studio.DisposeAsync();
    }
}

/// <summary>Shares the fixture among all browser tests.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class BrowserSuite : ICollectionFixture<BrowserFixture>
{
    public const string Name = "Browser";
}
