using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Studio.Web.Hosting;

namespace Studio.Tests.Web.Hosting;

public sealed class StartupTests
{
    [Theory]
    [InlineData(true, "", true)]
    [InlineData(true, "DISPLAY", true)]
    [InlineData(true, "WAYLAND_DISPLAY", true)]
    [InlineData(false, "", true)]
    public void HasDisplay_Variable_DecidesOnLinuxOnly(bool isLinux, string variable, bool elsewhere)
    {
        var expected = isLinux ? variable.Length > 0 : elsewhere;

        Assert.Equal(expected, BrowserLauncher.HasDisplay(name => name == variable ? ":0" : null, isLinux));
    }

    [Theory]
    [InlineData("CI", "true")]
    [InlineData("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")]
    [InlineData("SSH_TTY", "/dev/pts/1")]
    public void HasDisplay_NobodyInFrontOfIt_IsFalseEverywhere(string variable, string value)
    {
        string? Read(string name) => name == variable ? value : name == "DISPLAY" ? ":0" : null;

        Assert.False(BrowserLauncher.HasDisplay(Read, isLinux: true));
        Assert.False(BrowserLauncher.HasDisplay(Read, isLinux: false));
    }

    [Fact]
    public async Task Start_Listening_PrintsTheAddressInOneLine()
    {
        var data = Directory.CreateTempSubdirectory("studio-");
        using var output = new StringWriter();
        await using (var app = StudioWebHost.Build(
            ["--no-browser", "--urls=http://127.0.0.1:0", $"--Studio:DataDirectory={data.FullName}"],
            builder => builder.Services.AddSingleton<TextWriter>(output)))
        {
            await app.StartAsync(TestContext.Current.CancellationToken);

            Assert.Equal($"Symbiosis Studio is running at {app.Urls.Single()} (press Ctrl+C to stop){Environment.NewLine}", output.ToString());
            await app.StopAsync(TestContext.Current.CancellationToken);
        }
        data.Delete(recursive: true);
    }

    [Fact]
    public async Task Start_ChosenPortTaken_FailsWithAMessageForTheTerminal()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var data = Directory.CreateTempSubdirectory("studio-");
        await using (var app = StudioWebHost.Build(["--no-browser", $"--urls=http://{other.LocalEndpoint}", $"--Studio:DataDirectory={data.FullName}"]))
        {
            var failure = await Assert.ThrowsAsync<IOException>(() => app.StartAsync(TestContext.Current.CancellationToken));

            Assert.Contains("Choose another with --urls", StartupFailure.Explain(failure), StringComparison.Ordinal);
        }
        data.Delete(recursive: true);
    }

    [Fact]
    public void Explain_Defect_IsNull() => Assert.Null(StartupFailure.Explain(new InvalidOperationException("defect")));
}
