namespace Studio.Core.Telemetry;

/// <summary>What memory is used for.</summary>
public enum MemoryCategory
{
    /// <summary>Frozen weights of a base model.</summary>
    Base,

    /// <summary>Adapter values and gradients.</summary>
    Adapter,

    /// <summary>Optimizer moments.</summary>
    Moments,

    /// <summary>Activations and their gradients of a step in flight.</summary>
    Activations,

    /// <summary>Keys and values of sessions.</summary>
    KvCache,

    /// <summary>Working buffers.</summary>
    Buffers,

    /// <summary>Everything else.</summary>
    Other,
}

/// <summary>Bytes of one owner in one category.</summary>
/// <param name="Owner">Who holds them.</param>
/// <param name="Category">What for.</param>
/// <param name="Bytes">How many.</param>
public readonly record struct MemoryEntry(string Owner, MemoryCategory Category, long Bytes);

/// <summary>The ledger at one moment.</summary>
/// <param name="Entries">Every owner and category that holds bytes, by owner and category.</param>
public sealed record MemorySnapshot(IReadOnlyList<MemoryEntry> Entries)
{
    /// <summary>All bytes.</summary>
    public long Total => Entries.Sum(e => e.Bytes);

    /// <summary>Bytes of each category that has any.</summary>
    public IReadOnlyDictionary<MemoryCategory, long> ByCategory =>
        Entries.GroupBy(e => e.Category).ToDictionary(g => g.Key, g => g.Sum(e => e.Bytes));

    /// <summary>Bytes of each owner that has any.</summary>
    public IReadOnlyDictionary<string, long> ByOwner =>
        Entries.GroupBy(e => e.Owner, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Sum(e => e.Bytes), StringComparer.Ordinal);
}

/// <summary>Who holds how many bytes for what, as the owners say themselves. Thread-safe.</summary>
public sealed class MemoryLedger
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Owner, MemoryCategory Category), long> bytes = [];

    /// <summary>States how many bytes an owner holds in a category.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public void Set(string owner, MemoryCategory category, long amount)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        lock (gate)
        {
            Store(owner, category, amount);
        }
    }

    /// <summary>Adds bytes to what an owner holds in a category.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public void Add(string owner, MemoryCategory category, long amount)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        lock (gate)
        {
            Store(owner, category, bytes.GetValueOrDefault((owner, category)) + amount);
        }
    }

    /// <summary>Takes bytes from what an owner holds in a category.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    /// <exception cref="InvalidOperationException">The owner holds fewer.</exception>
    public void Release(string owner, MemoryCategory category, long amount)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        lock (gate)
        {
            var held = bytes.GetValueOrDefault((owner, category));
            if (amount > held)
            {
                throw new InvalidOperationException($"{owner} releases {amount} bytes of {category} but holds {held}.");
            }

            Store(owner, category, held - amount);
        }
    }

    /// <summary>Forgets everything an owner holds.</summary>
    public void Release(string owner)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        lock (gate)
        {
            foreach (var category in Enum.GetValues<MemoryCategory>())
            {
                bytes.Remove((owner, category));
            }
        }
    }

    /// <summary>The ledger as it is now, in one piece.</summary>
    public MemorySnapshot Snapshot()
    {
        lock (gate)
        {
            return new([.. bytes
                .Select(e => new MemoryEntry(e.Key.Owner, e.Key.Category, e.Value))
                .OrderBy(e => e.Owner, StringComparer.Ordinal)
                .ThenBy(e => e.Category)]);
        }
    }

    private void Store(string owner, MemoryCategory category, long amount)
    {
        if (amount == 0)
        {
            bytes.Remove((owner, category));
        }
        else
        {
            bytes[(owner, category)] = amount;
        }
    }
}
