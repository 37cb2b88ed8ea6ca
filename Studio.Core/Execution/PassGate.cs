using System.Diagnostics;

namespace Studio.Core.Execution;

/// <summary>
/// Interactive work outranks training: while an interactive pass is under way new training calls wait, but training keeps a guaranteed
/// share of the time: held-off time earns credit, and a call that runs on credit pays with its duration.
/// </summary>
internal sealed class PassGate(double trainingShare)
{
    private static readonly double MaximumCredit = Stopwatch.Frequency;
    private readonly object _gate = new();
    private int _interactive;
    private double _credit;
    private long _heldSince;

    /// <summary>An interactive pass begins.</summary>
    public void EnterInteractive()
    {
        lock (_gate)
        {
            if (_interactive++ == 0) _heldSince = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>An interactive pass ends.</summary>
    public void LeaveInteractive()
    {
        lock (_gate)
        {
            if (--_interactive > 0) return;
            // Whoever waited may go now; credit is a matter of the held time only.
            _credit = 0;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until a training call may run. Returns whether it runs on credit, to be paid by <see cref="Pay"/>.</summary>
    public bool WaitForTraining(CancellationToken ct)
    {
        lock (_gate)
        {
            if (_interactive == 0) return false;
            using var wake = ct.Register(Wake);
            while (_interactive > 0)
            {
                ct.ThrowIfCancellationRequested();
                Accrue();
                if (_credit > 0) return true;
                double missing = trainingShare > 0 ? -_credit / trainingShare / Stopwatch.Frequency : 1;
                Monitor.Wait(_gate, TimeSpan.FromSeconds(Math.Clamp(missing, 0.001, 1)));
            }
            return false;
        }
    }

    /// <summary>Charges the duration of a call that ran on credit, in stopwatch ticks.</summary>
    public void Pay(long ticks)
    {
        lock (_gate)
        {
            Accrue();
            _credit -= ticks;
        }
    }

    private void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    private void Accrue()
    {
        long now = Stopwatch.GetTimestamp();
        _credit = Math.Min(MaximumCredit * trainingShare, _credit + (now - _heldSince) * trainingShare);
        _heldSince = now;
    }
}
