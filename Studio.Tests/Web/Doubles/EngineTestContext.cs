using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Core.Training;
using Studio.Web.Playground;

namespace Studio.Tests.Web.Doubles;

/// <summary>Base of page tests: doubles of the engine's services, real telemetry.</summary>
public abstract class EngineTestContext : StudioTestContext
{
    private protected TestRunService Runs { get; } = new();

    private protected TestModelService Models { get; } = new();

    private protected TestDownloadService Downloads { get; } = new();

    private protected TestDatasetService Datasets { get; } = new();

    private protected TestAdapterService Adapters { get; } = new();

    private protected TestChatService Chat { get; } = new();

    protected StudioTelemetry Telemetry { get; }

    protected EngineTestContext()
    {
        var changes = new ChangeSignal();
        var ledger = Ledger;
        ledger.Set(TestModelService.ModelId, MemoryCategory.Base, 7 << 20);
        Telemetry = new StudioTelemetry(changes, new MetricStore(changes), new EventLog(changes), new ClientRegistry(),
            () => new MemoryView(new MemoryReading(300 << 20, 200 << 20, 400 << 20, 8L << 30, Gpu), ledger.Snapshot()), () => Executors, (_, since) => [.. Spans.Where(span => span.End > since)]);
        Services.AddSingleton<IRunService>(Runs);
        Services.AddSingleton<IModelService>(Models);
        Services.AddSingleton<IDownloadService>(Downloads);
        Services.AddSingleton<IDatasetService>(Datasets);
        Services.AddSingleton<IAdapterService>(Adapters);
        Services.AddSingleton<IChatService>(Chat);
        Services.AddSingleton<OpenPanes>();
        Services.AddSingleton(Telemetry);
        Services.AddSingleton(TimeProvider.System);
    }

    /// <summary>Who holds how many bytes.</summary>
    protected MemoryLedger Ledger { get; } = new();

    /// <summary>What executors have counted.</summary>
    protected IReadOnlyList<ExecutorView> Executors { get; set; } = [];

    /// <summary>Products of every executor.</summary>
    protected List<ExecutorSpan> Spans { get; } = [];

    /// <summary>The GPU that memory readings show.</summary>
    protected GpuMemoryReading? Gpu { get; set; }

    /// <summary>Renders the place where menus appear.</summary>
    protected IRenderedComponent<MudPopoverProvider> RenderMenus() => Render<MudPopoverProvider>();

    /// <summary>Renders the place where dialogs appear.</summary>
    protected IRenderedComponent<MudDialogProvider> RenderDialogs() => Render<MudDialogProvider>();

    /// <summary>Adds points of a run's loss.</summary>
    protected void AddLoss(string runId, params double[] values) =>
        Telemetry.Metrics.AddRange(new SeriesKey(runId, RunSeries.Loss), values.Select((value, i) => new MetricPoint(i + 1, value, DateTimeOffset.UnixEpoch.AddMinutes(i), i, i * 100)));
}
