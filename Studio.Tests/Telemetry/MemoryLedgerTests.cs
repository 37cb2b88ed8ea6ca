using Studio.Core.Telemetry;

namespace Studio.Tests.Telemetry;

public sealed class MemoryLedgerTests
{
    private readonly MemoryLedger ledger = new();

    [Fact]
    public void Snapshot_SeveralOwnersAndCategories_TotalsBoth()
    {
        ledger.Set("base", MemoryCategory.Base, 5_000_000_000);
        ledger.Add("run", MemoryCategory.Adapter, 100);
        ledger.Add("run", MemoryCategory.Adapter, 20);
        ledger.Add("run", MemoryCategory.Moments, 240);
        ledger.Add("chat", MemoryCategory.KvCache, 7);
        ledger.Release("run", MemoryCategory.Adapter, 20);

        var snapshot = ledger.Snapshot();

        Assert.Equal(5_000_000_347, snapshot.Total);
        Assert.Equal(340, snapshot.ByOwner["run"]);
        Assert.Equal(100, snapshot.ByCategory[MemoryCategory.Adapter]);
        Assert.DoesNotContain(MemoryCategory.Activations, snapshot.ByCategory.Keys);
    }

    [Fact]
    public void Release_Owner_ForgetsAllItHolds()
    {
        ledger.Add("run", MemoryCategory.Adapter, 1);
        ledger.Add("run", MemoryCategory.Other, 1);
        ledger.Add("chat", MemoryCategory.KvCache, 7);

        ledger.Release("run");

        Assert.Equal([new MemoryEntry("chat", MemoryCategory.KvCache, 7)], ledger.Snapshot().Entries);
    }

    [Fact]
    public void Release_MoreThanHeld_SaysWhoAndHowMuch()
    {
        ledger.Add("run", MemoryCategory.Moments, 5);

        var error = Assert.Throws<InvalidOperationException>(() => ledger.Release("run", MemoryCategory.Moments, 6));

        Assert.Contains("run", error.Message, StringComparison.Ordinal);
        Assert.Contains("Moments", error.Message, StringComparison.Ordinal);
        Assert.Equal(5, ledger.Snapshot().Total);
    }

    [Fact]
    public void Set_ToZero_RemovesTheEntry()
    {
        ledger.Set("run", MemoryCategory.Buffers, 5);
        ledger.Set("run", MemoryCategory.Buffers, 0);

        Assert.Empty(ledger.Snapshot().Entries);
    }

    [Fact]
    public void Add_FromManyThreads_LosesNothing()
    {
        Parallel.For(0, 10_000, i => ledger.Add("run", MemoryCategory.Activations, 3));

        Assert.Equal(30_000, ledger.Snapshot().Total);
    }
}
