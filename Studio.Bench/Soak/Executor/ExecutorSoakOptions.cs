namespace Studio.Bench.Soak.Executor;

/// <summary>Settings of an executor soak.</summary>
internal sealed record ExecutorSoakOptions
{
    /// <summary>The same seed gives the same runs, chats and mischief; not the same interleaving.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How long clients come and go.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Fine-tunes at a time.</summary>
    public int Runs { get; init; } = 8;

    /// <summary>Chats at a time.</summary>
    public int Chats { get; init; } = 2;

    /// <summary>A client without progress for this long counts as a deadlock.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>What happened in a soak.</summary>
internal sealed class ExecutorSoakTally
{
    private readonly List<string> _failures = [];
    private long _steps, _finished, _abandoned, _killed, _faults, _answers;

    /// <summary>Optimizer steps taken.</summary>
    public long Steps => Volatile.Read(ref _steps);

    /// <summary>Runs that came to their end with the losses of their solo run.</summary>
    public long Finished => Volatile.Read(ref _finished);

    /// <summary>Steps that were abandoned in the middle and repeated.</summary>
    public long Abandoned => Volatile.Read(ref _abandoned);

    /// <summary>Clients that left in the middle of a step or an answer.</summary>
    public long Killed => Volatile.Read(ref _killed);

    /// <summary>Exceptions, wrong shapes and values that are no numbers, made on purpose.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>Answers with the tokens of their solo run.</summary>
    public long Answers => Volatile.Read(ref _answers);

    /// <summary>Calls that shared a product.</summary>
    public long SharedCalls { get; set; }

    /// <summary>Most steps in flight that were seen.</summary>
    public int MostInFlight { get; set; }

    /// <summary>What went wrong.</summary>
    public IReadOnlyList<string> Failures
    {
        get
        {
            lock (_failures) return [.. _failures];
        }
    }

    public void Step() => Interlocked.Increment(ref _steps);

    public void Finish() => Interlocked.Increment(ref _finished);

    public void Abandon() => Interlocked.Increment(ref _abandoned);

    public void Kill() => Interlocked.Increment(ref _killed);

    public void Fault() => Interlocked.Increment(ref _faults);

    public void Answer() => Interlocked.Increment(ref _answers);

    public void Fail(string what)
    {
        lock (_failures) _failures.Add(what);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Steps} steps, {Finished} runs finished, {Answers} answers, {Abandoned} steps abandoned and repeated, {Killed} clients killed, {Faults} faults, {SharedCalls} calls shared, at most {MostInFlight} steps in flight, {Failures.Count} failures";
}
