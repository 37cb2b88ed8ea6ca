using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Studio.Web.Hosting;

namespace Studio.Tests.Web.Hosting;

public sealed class StudioWebOptionsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("studio-");

    [Fact]
    public void Validate_NewFolder_IsMadeAndLeftEmpty()
    {
        var folder = Path.Combine(_folder.FullName, "new", "data");

        Assert.True(Validate(folder).Succeeded);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    public void Validate_Empty_Fails(string folder) => Assert.Contains("is empty", Validate(folder).FailureMessage, StringComparison.Ordinal);

    [Fact]
    public void Validate_File_FailsWithItsPath()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");

        Assert.Equal($"Studio:DataDirectory is '{file}', which is a file; wanted a folder.", Validate(file).FailureMessage);
    }

    [Fact]
    public void Validate_FolderBelowAFile_FailsWithTheCause()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");

        Assert.Contains("cannot be written", Validate(Path.Combine(file, "data")).FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_NegativeBudget_FailsBesideWhatElseIsWrong()
    {
        var result = new StudioWebOptionsValidator().Validate(null, new StudioWebOptions { DataDirectory = "", MemoryBudget = -5 });

        Assert.Equal(["Studio:DataDirectory is empty; wanted a folder that this user may write.", "Studio:MemoryBudget is -5; wanted a number of bytes, or 0 for nine tenths of the machine's memory."], result.Failures);
    }

    [Fact]
    public void Validate_BadDevices_FailsWithBothSettings()
    {
        var found = new StudioWebOptionsValidator().Validate(null, new StudioWebOptions { DataDirectory = _folder.FullName, Device = "cpu,cpu", ClientDevice = "gpu" });
        Assert.Equal(["Studio:Device: Devices 'cpu,cpu': cpu is there twice; expected each device once.",
            "Studio:ClientDevice: Device 'gpu' is unknown; expected auto, cpu, cuda or cuda:N."], found.Failures);
        Assert.True(new StudioWebOptionsValidator().Validate(null, new StudioWebOptions { DataDirectory = _folder.FullName, Device = "cpu", ClientDevice = "cpu" }).Succeeded);
    }

    [Fact]
    public void Validate_NegativePrefixCache_FailsBesideEverythingElse()
    {
        var result = new StudioWebOptionsValidator().Validate(null, new StudioWebOptions { DataDirectory = "", PrefixCacheMebibytes = -1 });

        Assert.Equal(["Studio:DataDirectory is empty; wanted a folder that this user may write.", "Studio:PrefixCacheMebibytes is -1; wanted 0 (none) or more."], result.Failures);
    }

    [Fact]
    public void PostConfigure_RelativePath_BecomesAbsolute()
    {
        var options = new StudioWebOptions { DataDirectory = "data" };

        new StudioWebOptionsPaths().PostConfigure(null, options);

        Assert.Equal(Path.GetFullPath("data"), options.DataDirectory);
    }

    [Fact]
    public async Task Start_BadDataDirectory_FailsWithAMessageForTheTerminal()
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(async () =>
        {
            await using var app = StudioWebHost.Build(["--no-browser", "--urls=http://127.0.0.1:0", $"--Studio:DataDirectory={file}"]);
            await app.StartAsync(TestContext.Current.CancellationToken);
        });

        Assert.Contains($"  - Studio:DataDirectory is '{file}'", StartupFailure.Explain(failure), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--no-browser")]
    [InlineData("--NO-BROWSER")]
    public void CommandLine_NoBrowser_TurnsItOffAndSwallowsNoOtherArgument(string flag)
    {
        string[] args = StudioCommandLine.ToConfiguration([flag, "--urls", "http://127.0.0.1:1"]);

        var configuration = new ConfigurationBuilder().AddCommandLine(args).Build();

        Assert.False(configuration.GetSection(StudioWebOptions.Section).Get<StudioWebOptions>()!.OpenBrowser);
        Assert.Equal("http://127.0.0.1:1", configuration["urls"]);
    }

    [Fact]
    public void CommandLine_ParkIdleState_TurnsItOn()
    {
        var configuration = new ConfigurationBuilder().AddCommandLine(StudioCommandLine.ToConfiguration(["--park-idle-state"])).Build();

        Assert.True(configuration.GetSection(StudioWebOptions.Section).Get<StudioWebOptions>()!.ParkIdleState);
        Assert.False(new StudioWebOptions().ParkIdleState);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static ValidateOptionsResult Validate(string folder) =>
        new StudioWebOptionsValidator().Validate(null, new StudioWebOptions { DataDirectory = folder });
}
