using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Web.Monitoring;

namespace Studio.Web.Components.Monitoring;

/// <summary>Counters of each base model's executor: since the model was loaded, and per second over the last few.</summary>
public sealed partial class ExecutorPanel
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, ExecutorRates> _rates = new(StringComparer.Ordinal);
    private IReadOnlyList<(ExecutorView View, ExecutorWindow Recent)> _executors = [];

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    protected override TimeSpan Interval => TimeSpan.FromSeconds(1);

    protected override void Read()
    {
        var views = Telemetry.ReadExecutors();
        foreach (var gone in _rates.Keys.Except(views.Select(view => view.ModelId)).ToArray())
            _rates.Remove(gone);
        _executors = [.. views.Select(view =>
        {
            if (!_rates.TryGetValue(view.ModelId, out var rates))
                _rates[view.ModelId] = rates = new ExecutorRates(Clock, Window);
            return (view, rates.Next(view.Counters));
        })];
    }
}
