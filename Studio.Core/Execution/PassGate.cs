namespace Studio.Core.Execution;

/// <summary>
/// Interactive work outranks training: while an interactive pass is under way new training calls wait, but training keeps a guaranteed
/// share of that time. Time held off earns credit at the rate of the share; a call is let through once the credit covers what calls
/// usually take, and pays with its real duration. Credit lasts over passes, or many short passes in a row would starve training.
/// </summary>
internal sealed class PassGate
{
    private const double UsualWeight = 0.2;
    private readonly object _gate = new();
    private readonly double _share;
    private readonly TimeProvider _clock;
    private readonly double _maximumCredit;
    private int _interactive;
    private double _credit;
    private double _usual;
    private long _accruedAt;

    /// <summary>Creates the gate.</summary>
    /// <param name="trainingShare">Part of held time that training keeps, 0..1.</param>
    /// <param name="clock">Source of time stamps.</param>
    public PassGate(double trainingShare, TimeProvider? clock = null)
    {
        _share = trainingShare;
        _clock = clock ?? TimeProvider.System;
        _maximumCredit = trainingShare * _clock.TimestampFrequency;
        _usual = 0.005 * _clock.TimestampFrequency;
    }

    /// <summary>Whether new training calls are held off.</summary>
    public bool IsHeld => Volatile.Read(ref _interactive) > 0;

    /// <summary>An interactive pass begins.</summary>
    public void EnterInteractive()
    {
        lock (_gate)
        {
            if (_interactive++ == 0) _accruedAt = _clock.GetTimestamp();
        }
    }

    /// <summary>An interactive pass ends.</summary>
    public void LeaveInteractive()
    {
        lock (_gate)
        {
            Accrue();
            if (--_interactive == 0) Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until a training call may run.</summary>
    /// <returns>Credit set aside for it, in clock ticks, to be handed to <see cref="Pay"/>; 0 for a call that runs freely.</returns>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    public long WaitForTraining(CancellationToken ct)
    {
        if (!IsHeld) return 0;
        using var wake = ct.Register(Wake);
        lock (_gate)
        {
            while (true)
            {
                ct.ThrowIfCancellationRequested();
                if (TryEnterTraining(out long reserved)) return reserved;
                double missing = _share > 0 ? (Price - _credit) / _share / _clock.TimestampFrequency : 1;
                Monitor.Wait(_gate, TimeSpan.FromSeconds(Math.Clamp(missing, 0.001, 1)));
            }
        }
    }

    /// <summary>Whether a training call may run now, and the credit set aside for it.</summary>
    public bool TryEnterTraining(out long reserved)
    {
        lock (_gate)
        {
            reserved = 0;
            if (_interactive == 0) return true;
            Accrue();
            if (_share <= 0 || _credit < Price) return false;
            reserved = (long)Price;
            _credit -= reserved;
            return true;
        }
    }

    /// <summary>Charges the real duration of a call, in clock ticks. A free call uses up credit too, but leaves no debt.</summary>
    public void Pay(long reserved, long ticks)
    {
        lock (_gate)
        {
            _usual += UsualWeight * (ticks - _usual);
            if (reserved > 0) _credit += reserved - ticks;
            else if (_credit > 0) _credit = Math.Max(0, _credit - ticks);
            _credit = Math.Max(_credit, -_maximumCredit);
        }
    }

    // A call longer than a second's share must still get through.
    private double Price => Math.Clamp(_usual, 1, Math.Max(1, _maximumCredit));

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    private void Accrue()
    {
        if (_interactive == 0) return;
        long now = _clock.GetTimestamp();
        _credit = Math.Min(_maximumCredit, _credit + (now - _accruedAt) * _share);
        _accruedAt = now;
    }
}
