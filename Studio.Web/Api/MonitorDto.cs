using Studio.Core.Execution;
using Studio.Core.Serving;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Web.Monitoring;

namespace Studio.Web.Api;

/// <summary>One base model's executor. All counters are since the model was loaded.</summary>
/// <param name="ModelId">The model.</param>
/// <param name="ModelName">Its name.</param>
/// <param name="Policy">none, opportunistic or lockstep.</param>
/// <param name="Calls">Base calls answered.</param>
/// <param name="Products">Products computed; fewer than calls where calls shared one.</param>
/// <param name="Rows">Rows through the base, both directions.</param>
/// <param name="SharedCalls">Calls that shared a product with another client.</param>
/// <param name="BusySeconds">Time in products, summed over threads.</param>
/// <param name="Operations">Floating-point operations of all products.</param>
/// <param name="PeakOperationsPerSecond">The most that the machine has reached on this model's products; null where not measured.</param>
/// <param name="ChatTokensPerSecond">Tokens that chats generated per second over the last seconds.</param>
/// <param name="RequestsPerProduct">Products by requests in them.</param>
/// <param name="RowsPerProduct">Products by rows in them.</param>
/// <param name="Clients">Attached clients.</param>
public sealed record ExecutorDto(string ModelId, string ModelName, BatchingPolicy Policy, long Calls, long Products, long Rows, long SharedCalls, double BusySeconds, double Operations,
    double? PeakOperationsPerSecond, double ChatTokensPerSecond, IReadOnlyList<SizeDto> RequestsPerProduct, IReadOnlyList<SizeDto> RowsPerProduct, IReadOnlyList<ExecutorClientDto> Clients)
{
    /// <summary>From what the engine tells.</summary>
    public static ExecutorDto Of(ExecutorView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var counters = view.Counters;
        return new(view.ModelId, view.ModelName, view.Policy, counters.Calls, counters.Batches, counters.Rows, counters.SharedCalls, counters.Busy.TotalSeconds, counters.Operations,
            view.PeakOperations > 0 ? view.PeakOperations : null, view.ChatTokensPerSecond, SizeDto.Of(counters.RequestsPerBatch), SizeDto.Of(counters.RowsPerBatch),
            [.. counters.Clients.Select(ExecutorClientDto.Of)]);
    }
}

/// <summary>How often sizes between two bounds were seen.</summary>
/// <param name="From">Smallest size.</param>
/// <param name="To">Largest size.</param>
/// <param name="Count">How often.</param>
public sealed record SizeDto(long From, long To, long Count)
{
    /// <summary>The buckets of a histogram that hold something.</summary>
    public static IReadOnlyList<SizeDto> Of(SizeHistogram histogram)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        return [.. histogram.Counts.Select((count, bucket) => new SizeDto(SizeHistogram.From(bucket), SizeHistogram.To(bucket), count)).Where(size => size.Count > 0)];
    }
}

/// <summary>One client of an executor, since it attached.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Interactive">Whether it serves chats rather than trains.</param>
/// <param name="InPass">Whether a pass over the layers is under way.</param>
/// <param name="Calls">Base calls.</param>
/// <param name="Rows">Rows, both directions.</param>
/// <param name="SharedCalls">Calls that shared a product.</param>
/// <param name="HeldOffSeconds">Time in which chats held it off.</param>
/// <param name="MatesSeconds">Time in which it waited for batch-mates, or behind them.</param>
public sealed record ExecutorClientDto(string Name, bool Interactive, bool InPass, long Calls, long Rows, long SharedCalls, double HeldOffSeconds, double MatesSeconds)
{
    /// <summary>From its counters.</summary>
    public static ExecutorClientDto Of(ClientCounters client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new(client.Name, client.Interactive, client.InPass, client.Calls, client.Rows, client.SharedCalls, client.HeldOff.TotalSeconds, (client.Waited - client.HeldOff).TotalSeconds);
    }
}

/// <summary>Memory of the studio, in bytes.</summary>
/// <param name="ResidentBytes">In RAM, mapped files included.</param>
/// <param name="PrivateBytes">Not backed by a file.</param>
/// <param name="PeakResidentBytes">Most that was resident so far.</param>
/// <param name="SystemBytes">Memory of the machine.</param>
/// <param name="AccountedBytes">What owners say they hold.</param>
/// <param name="RestBytes">Resident bytes that no owner accounts for.</param>
/// <param name="Gpu">The first GPU; null where there is none.</param>
/// <param name="Owners">Who holds how much for what.</param>
public sealed record MemoryDto(long ResidentBytes, long PrivateBytes, long PeakResidentBytes, long SystemBytes, long AccountedBytes, long RestBytes, GpuMemoryReading? Gpu,
    IReadOnlyList<MemoryEntry> Owners)
{
    /// <summary>From a reading.</summary>
    public static MemoryDto Of(MemoryView memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var process = memory.Process;
        return new(process.ResidentBytes, process.PrivateBytes, process.PeakResidentBytes, process.SystemBytes, memory.Owners.Total, MemoryText.RestOf(memory), process.Gpu, memory.Owners.Entries);
    }
}
