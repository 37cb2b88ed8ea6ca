using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Studio.Bench.Measure;

/// <summary>A child process that fine-tunes, seen from its parent. Whoever started the process ends it.</summary>
internal sealed class FineTuneProcess
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    /// <summary>Starts it; it loads its base.</summary>
    /// <param name="job">What it is for.</param>
    /// <param name="cores">Cores that it takes itself to have; 0 = those of the machine.</param>
    /// <param name="start">Starts a process and owns it.</param>
    public FineTuneProcess(FineTuneJob job, int cores, Func<ProcessStartInfo, Process> start)
    {
        var command = BenchProcess.Command(FineTuneChild.Command, job.Folder, job.Type.ToString(), job.OwnCopy.ToString(),
            job.Tokens.ToString(CultureInfo.InvariantCulture), job.Rank.ToString(CultureInfo.InvariantCulture), job.InFlight.ToString(CultureInfo.InvariantCulture), job.Parked.ToString());
        command.RedirectStandardInput = true;
        if (cores > 0)
        {
            foreach (string variable in (string[])["DOTNET_PROCESSOR_COUNT", "OMP_NUM_THREADS"]) command.Environment[variable] = cores.ToString(CultureInfo.InvariantCulture);
        }
        _process = start(command);
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it said last.</summary>
    public FineTuneState State { get; private set; } = new(0, 0, 0, false);

    /// <summary>Waits until the base is loaded; false where the process has ended.</summary>
    public Task<bool> LoadAsync() => UntilDoneAsync();

    /// <summary>Adds runs that take their steps; false where the process ended meanwhile: <see cref="State"/> then has what was complete.</summary>
    public Task<bool> AddAsync(int runs, int steps) => AskAsync(FineTuneChild.Add, runs, steps);

    /// <summary>Every run takes so many steps; false where the process ended meanwhile.</summary>
    public Task<bool> StepAsync(int steps) => AskAsync(FineTuneChild.Step, steps);

    /// <summary>Why it ended, for a process that should not have.</summary>
    public async Task<InvalidOperationException> FailureAsync()
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        return new InvalidOperationException($"A process that fine-tunes ended with exit code {_process.ExitCode}: {await _errors.ConfigureAwait(false)}");
    }

    private async Task<bool> AskAsync(string command, params int[] numbers)
    {
        try
        {
            await _process.StandardInput.WriteLineAsync(string.Join(' ', (string[])[command, .. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))])).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            return false; // nobody reads any more: it has ended
        }
        return await UntilDoneAsync().ConfigureAwait(false);
    }

    private async Task<bool> UntilDoneAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            State = JsonSerializer.Deserialize<FineTuneState>(line)!;
            if (State.Done) return true;
        }
        return false;
    }
}
