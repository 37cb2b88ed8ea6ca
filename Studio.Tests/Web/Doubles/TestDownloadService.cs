using Studio.Core;
using Studio.Core.Serving;
using Studio.Core.Storage;

namespace Studio.Tests.Web.Doubles;

/// <summary>Downloads that a test moves on.</summary>
internal sealed class TestDownloadService : IDownloadService
{
    private readonly List<DownloadView> _views = [];

    public event Action? Changed;

    public IReadOnlyList<DownloadView> Downloads => [.. _views];

    /// <summary>What was asked for.</summary>
    public List<DownloadRequest> Started { get; } = [];

    public List<(string Id, string Token)> Resumed { get; } = [];

    /// <summary>What starting fails with; null = nothing.</summary>
    public StudioException? Refusal { get; set; }

    public void Show(string id, DownloadState state, long done = 0, long total = 0, string? error = null, string? resultId = null, string kind = DownloadKind.Model)
    {
        _views.RemoveAll(view => view.Record.Id == id);
        _views.Add(new DownloadView(new DownloadRecord
        {
            Id = id,
            Kind = kind,
            HubId = "owner/" + id,
            Revision = "main",
            Split = kind == DownloadKind.Dataset ? "test" : "",
            State = state,
            Error = error,
            ResultId = resultId,
            CreatedAt = DateTimeOffset.UnixEpoch,
        }, done, total, 2 << 20, TimeSpan.FromSeconds(30), "model.safetensors"));
        Changed?.Invoke();
    }

    public Task<DownloadView> StartAsync(DownloadRequest request, CancellationToken ct = default)
    {
        if (Refusal is not null) return Task.FromException<DownloadView>(Refusal);
        Started.Add(request);
        Show("new", DownloadState.Queued, kind: request.Kind);
        return Task.FromResult(_views[^1]);
    }

    public Task<DownloadView> ResumeAsync(string id, string token = "", CancellationToken ct = default)
    {
        Resumed.Add((id, token));
        Show(id, DownloadState.Running);
        return Task.FromResult(_views[^1]);
    }

    public Task CancelAsync(string id, CancellationToken ct = default)
    {
        _views.RemoveAll(view => view.Record.Id == id);
        Changed?.Invoke();
        return Task.CompletedTask;
    }
}
