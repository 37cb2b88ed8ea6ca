using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Studio.Core.Telemetry;

/// <summary>
/// Tells subscribers that something of an owner changed: a signal, not data. Signalling never runs a subscriber's code, so it may be done
/// from a training thread at any rate.
/// </summary>
public sealed class ChangeSignal(TimeProvider? time = null, ILogger<ChangeSignal>? log = null)
{
    /// <summary>Least time between two callbacks of a subscriber unless told otherwise.</summary>
    public static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(150);

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly ILogger log = log ?? (ILogger)NullLogger.Instance;
    private readonly Lock gate = new();
    private volatile ImmutableDictionary<string, CoalescingSubscription[]> byOwner =
        ImmutableDictionary.Create<string, CoalescingSubscription[]>(StringComparer.Ordinal);

    private volatile CoalescingSubscription[] ofAll = [];

    /// <summary>Subscribes to the changes of one owner.</summary>
    /// <param name="owner">Whose changes.</param>
    /// <param name="callback">Called on a pool thread, never twice at once, at most once per interval, and always after the last change.</param>
    /// <param name="interval">Least time between two calls; default <see cref="DefaultInterval"/>.</param>
    /// <returns>Dispose it to stop.</returns>
    public CoalescingSubscription Subscribe(string owner, Func<Task> callback, TimeSpan? interval = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        return Add(owner, callback, interval);
    }

    /// <summary>Subscribes to the changes of all owners.</summary>
    /// <inheritdoc cref="Subscribe(string, Func{Task}, TimeSpan?)"/>
    public CoalescingSubscription SubscribeToAll(Func<Task> callback, TimeSpan? interval = null) => Add(owner: null, callback, interval);

    /// <summary>Says that something of <paramref name="owner"/> changed.</summary>
    public void Signal(string owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        if (byOwner.TryGetValue(owner, out var own))
        {
            Signal(own);
        }

        Signal(ofAll);
    }

    internal void Remove(CoalescingSubscription subscription)
    {
        lock (gate)
        {
            if (subscription.Owner is not { } owner)
            {
                ofAll = [.. ofAll.Where(s => s != subscription)];
                return;
            }

            CoalescingSubscription[] left = [.. byOwner[owner].Where(s => s != subscription)];
            byOwner = left.Length == 0 ? byOwner.Remove(owner) : byOwner.SetItem(owner, left);
        }
    }

    private static void Signal(CoalescingSubscription[] subscriptions)
    {
        foreach (var subscription in subscriptions)
        {
            subscription.Signal();
        }
    }

    private CoalescingSubscription Add(string? owner, Func<Task> callback, TimeSpan? interval)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var subscription = new CoalescingSubscription(this, owner, callback, interval ?? DefaultInterval, time, log);
        lock (gate)
        {
            if (owner is null)
            {
                ofAll = [.. ofAll, subscription];
            }
            else
            {
                byOwner = byOwner.SetItem(owner, [.. byOwner.GetValueOrDefault(owner, []), subscription]);
            }
        }

        return subscription;
    }
}
