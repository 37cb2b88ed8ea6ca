using System.Globalization;

namespace Studio.Core.Runs;

/// <summary>Whether a run may train now. One of the records of this file.</summary>
public abstract record AdmissionVerdict
{
    private protected AdmissionVerdict()
    {
    }

    /// <summary>The same in one sentence or two, for people.</summary>
    public abstract string Sentence { get; }

    /// <summary>Whether a start as asked is refused.</summary>
    public bool RefusesStart => this is NeverFits or FitsChanged { Unchanged: NeverFits };

    private protected static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>It fits now.</summary>
/// <param name="Needed">Bytes that the studio needs with it, bases included.</param>
/// <param name="Budget">Bytes it may take.</param>
public sealed record FitsNow(long Needed, long Budget) : AdmissionVerdict
{
    /// <inheritdoc/>
    public override string Sentence => $"Fits: with it the studio needs {ByteText.Format(Needed)} of its {ByteText.Format(Budget)}.";
}

/// <summary>As asked it does not fit now, with other settings it does.</summary>
/// <param name="BatchFrom">Batch size as asked.</param>
/// <param name="Batch">Batch size that fits; as asked where only checkpointing is wanted.</param>
/// <param name="Accumulation">Gradient accumulation that keeps the rows of an optimizer step as many as they were.</param>
/// <param name="Checkpointing">Whether activation checkpointing must be switched on.</param>
/// <param name="Unchanged">What happens if it is started as asked.</param>
public sealed record FitsChanged(int BatchFrom, int Batch, int Accumulation, bool Checkpointing, AdmissionVerdict Unchanged) : AdmissionVerdict
{
    /// <inheritdoc/>
    public override string Sentence
    {
        get
        {
            string batch = Text($"with batch size {Batch} instead of {BatchFrom} (and gradient accumulation {Accumulation}, so that the training stays the same)");
            const string Checkpoint = "with activation checkpointing";
            string change = !Checkpointing ? batch : Batch == BatchFrom ? Checkpoint : $"{Checkpoint} and {batch}";
            return $"Fits now {change}. As it is: {Unchanged.Sentence}";
        }
    }
}

/// <summary>What a run waits for.</summary>
public enum WaitCause
{
    /// <summary>Memory that other runs hold.</summary>
    Memory,

    /// <summary>One of the places of runs that train at once.</summary>
    Place,

    /// <summary>A run that came earlier and waits itself.</summary>
    Turn,
}

/// <summary>It is queued and starts by itself.</summary>
/// <param name="Cause">What it waits for.</param>
/// <param name="RunId">The run whose end (for <see cref="WaitCause.Turn"/>: whose start) lets it begin; null where no run's end would.</param>
/// <param name="RunName">Its name.</param>
/// <param name="Missing">Bytes that are missing now.</param>
public sealed record StartsAfter(WaitCause Cause, string? RunId, string? RunName, long Missing) : AdmissionVerdict
{
    /// <inheritdoc/>
    public override string Sentence => Cause switch
    {
        WaitCause.Memory when RunName is null => $"Waits for memory: {ByteText.Format(Missing)} more are needed. Paused runs, chats or other models hold them; end or unload some.",
        WaitCause.Memory => $"Waits for memory: starts when '{RunName}' ends.",
        WaitCause.Place => RunName is null ? "Waits for a place." : $"Waits for a place: starts when '{RunName}' ends.",
        _ => $"Waits its turn: '{RunName}' is before it.",
    };
}

/// <summary>It does not fit even when nothing else trains.</summary>
/// <param name="Needed">Bytes that the studio would need with it alone, bases included.</param>
/// <param name="Budget">Bytes it may take.</param>
public sealed record NeverFits(long Needed, long Budget) : AdmissionVerdict
{
    /// <inheritdoc/>
    public override string Sentence => $"Never fits: the studio would need {ByteText.Format(Needed)} with this run alone, and its budget is {ByteText.Format(Budget)}.";
}
