using Studio.Core.Hub;
using Studio.Core.Storage;

namespace Studio.Core.Serving;

/// <summary>A download while it is known to the engine.</summary>
internal sealed class DownloadJob(DownloadRecord record, string? token) : IDisposable
{
    private volatile DownloadRecord _record = record;

    public DownloadRecord Record { get => _record; set => _record = value; }

    /// <summary>Token that was given for it; in memory only.</summary>
    public string? Token { get; set; } = token;

    public HubProgress Progress { get; set; } = new();

    public CancellationTokenSource Ending { get; set; } = new();

    /// <summary>Its work; completed while it does not run.</summary>
    public Task Work { get; set; } = Task.CompletedTask;

    public bool IsActive => Record.State is DownloadState.Queued or DownloadState.Running;

    public DownloadView View() => Record.State == DownloadState.Running
        ? new(Record, Progress.DoneBytes, Progress.TotalBytes, Progress.BytesPerSecond, Progress.Remaining, Progress.File)
        : new(Record, Record.DoneBytes, Record.TotalBytes, 0, null, "");

    public void Dispose() => Ending.Dispose();
}
