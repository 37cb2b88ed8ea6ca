using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Core.Telemetry;

namespace Studio.Web.Components.Home;

/// <summary>Memory of the process and of the GPU, read every two seconds.</summary>
public sealed partial class MemoryTiles
{
    private const int TrendLength = 60;

    private readonly Queue<double> _resident = new();
    private IReadOnlyList<double> _trend = [];
    private MemoryView _memory = null!;

    [Inject] public required StudioTelemetry Telemetry { get; init; }

    protected override TimeSpan Interval => TimeSpan.FromSeconds(2);

    private long Held(MemoryCategory category) => _memory.Owners.ByCategory.GetValueOrDefault(category);

    protected override void Read()
    {
        _memory = Telemetry.ReadMemory();
        _resident.Enqueue(_memory.Process.ResidentBytes);
        if (_resident.Count > TrendLength)
            _resident.Dequeue();
        _trend = [.. _resident];
    }
}
