using Microsoft.Extensions.Logging.Abstractions;
using Studio.Core.Hub;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Tests.Hub;
using Studio.Tests.Storage;

namespace Studio.Tests.Serving;

/// <summary>An engine over a test's own Hub and data directory; it can be stopped and started again.</summary>
internal sealed class DownloadRig : IAsyncDisposable
{
    private readonly TestDirectory _folder = new();
    private StudioEngine? _engine;

    private DownloadRig(TestHub hub) => Hub = hub;

    public TestHub Hub { get; }

    public StudioEngine Engine => _engine!;

    public IDownloadService Downloads => Engine.Downloads;

    /// <summary>Token of the environment.</summary>
    public string? Token { get; set; }

    /// <summary>Local cache of the Hugging Face libraries.</summary>
    public string CacheFolder => _folder.File("cache");

    public string DataFolder => _folder.File("data");

    public static async Task<DownloadRig> StartAsync()
    {
        var rig = new DownloadRig(await TestHub.WithStarterAsync());
        await rig.StartEngineAsync();
        return rig;
    }

    public async Task StartEngineAsync() => _engine = await StudioEngine.StartAsync(new StudioEngineOptions
    {
        DataDirectory = DataFolder,
        Device = "cpu",
        Hub = new HubOptions { Endpoint = Hub.Address, Token = Token, CacheFolder = CacheFolder, FirstPause = TimeSpan.FromMilliseconds(1) },
    }, NullLoggerFactory.Instance, TestContext.Current.CancellationToken);

    public async Task StopEngineAsync()
    {
        await Engine.DisposeAsync();
        _engine = null;
    }

    /// <summary>Waits until a download is in a state, by its own signals.</summary>
    public Task<DownloadView> UntilAsync(string id, params DownloadState[] states) => UntilAsync(id, view => states.Contains(view.Record.State));

    public async Task<DownloadView> UntilAsync(string id, Func<DownloadView, bool> wanted)
    {
        var reached = new TaskCompletionSource<DownloadView>(TaskCreationOptions.RunContinuationsAsynchronously);
        Downloads.Changed += Look;
        Look();
        var view = await reached.Task.WaitAsync(TestContext.Current.CancellationToken);
        Downloads.Changed -= Look;
        return view;

        void Look()
        {
            if (Downloads.Downloads.FirstOrDefault(view => view.Record.Id == id) is { } view && wanted(view)) reached.TrySetResult(view);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null) await _engine.DisposeAsync();
        await Hub.DisposeAsync();
        _folder.Dispose();
    }
}
