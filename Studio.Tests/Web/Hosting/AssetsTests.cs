using System.Net;
using System.Text.RegularExpressions;
using Studio.Web.Components.Shared;

namespace Studio.Tests.Web.Hosting;

public sealed partial class AssetsTests
{
    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Home_EveryFileItNames_Answers200(string environment)
    {
        await using var studio = await RunningStudio.StartAsync("--environment", environment);
        var home = await studio.Client.GetStringAsync("/", TestContext.Current.CancellationToken);

        string[] files = [.. NamedFile().Matches(home).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).Distinct()];

        Assert.Contains(files, file => file.Contains("MudBlazor.min", StringComparison.Ordinal) && file.EndsWith(".css", StringComparison.Ordinal));
        Assert.Contains(files, file => file.Contains("blazor.web", StringComparison.Ordinal));
        Assert.Contains("/css/studio.css", files);
        Assert.Contains("/favicon.svg", files);
        Assert.All(files, file => Assert.DoesNotContain("//", file, StringComparison.Ordinal));
        // Loaded by scripts, not named by the page.
        string[] late = ["/js/theme.js", "/js/chart-library.js", "/js/chart-size.js", PlotlyAssets.Script, PlotlyAssets.Interop];
        foreach (var file in files.Concat(late))
        {
            using var response = await studio.Client.GetAsync(new Uri(studio.Address, file), TestContext.Current.CancellationToken);
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{file} answered {(int)response.StatusCode}.");
        }
    }

    [Fact]
    public async Task MissingPage_Answers404WithAPage()
    {
        await using var studio = await RunningStudio.StartAsync();

        using var response = await studio.Client.GetAsync("/no-such-page", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("There is nothing at this address", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/no-such-thing", "application/problem+json")]
    [InlineData("/hubs/no-such-hub", null)]
    public async Task MissingEndpointOfMachines_Answers404WithoutAPage(string path, string? type)
    {
        await using var studio = await RunningStudio.StartAsync();

        using var response = await studio.Client.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
    }

    [GeneratedRegex("""(?:href|src)="([^"]+\.(?:css|js|svg|ico|png|woff2)(?:\?[^"]*)?)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex NamedFile();
}
