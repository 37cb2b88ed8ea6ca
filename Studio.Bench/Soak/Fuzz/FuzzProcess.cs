using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Studio.Bench.Soak.Fuzz;

/// <summary>A child process that tries mutations, watched from outside: its end, its silence and its memory.</summary>
internal sealed class FuzzProcess : IDisposable
{
    private const long HeapBytes = 1L << 30;
    private const long MostBytes = 3L << 30;

    private readonly Process _child;
    private readonly Task<string> _errors;
    private readonly TimeSpan _silence;
    private string? _killed;

    /// <summary>Starts one.</summary>
    /// <param name="arguments">Of the child command.</param>
    /// <param name="silence">How long one mutation may take on the clock.</param>
    public FuzzProcess(IEnumerable<string> arguments, TimeSpan silence)
    {
        _silence = silence;
        _child = Process.Start(Command(arguments))!;
        _errors = _child.StandardError.ReadToEndAsync();
    }

    /// <summary>The mutation that has begun and not ended; null between two.</summary>
    public int? Current { get; private set; }

    /// <summary>The next outcome; null where the child ended as it should.</summary>
    /// <param name="ct">Gives up waiting.</param>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<FuzzOutcome?> NextAsync(CancellationToken ct)
    {
        while (await ReadLineAsync(ct) is { } line)
        {
            if (line.StartsWith(FuzzChild.Begin, StringComparison.Ordinal))
            {
                Current = int.Parse(line.AsSpan(FuzzChild.Begin.Length), CultureInfo.InvariantCulture);
                continue;
            }
            Current = null;
            return JsonSerializer.Deserialize<FuzzOutcome>(line);
        }
        if (Current is { } lost) return new FuzzOutcome(lost, false, _killed ?? $"the process ended: {FirstLine()}");
        await _child.WaitForExitAsync(ct);
        return _child.ExitCode == 0 ? null : throw new InvalidOperationException($"The child process could not begin: {FirstLine()}");
    }

    /// <summary>Ends the child.</summary>
    public void Dispose()
    {
        Kill();
        _child.WaitForExit();
        _child.Dispose();
    }

    // The child's memory is looked at meanwhile: an allocation that grows without end must not take the machine along.
    private async Task<string?> ReadLineAsync(CancellationToken ct)
    {
        var line = _child.StandardOutput.ReadLineAsync(CancellationToken.None).AsTask();
        var clock = Stopwatch.StartNew();
        while (await Task.WhenAny(line, Task.Delay(TimeSpan.FromMilliseconds(200), ct)) != line)
        {
            ct.ThrowIfCancellationRequested();
            if (Current is not null && clock.Elapsed > _silence) Kill($"no end within {_silence.TotalSeconds} s");
            else if (Bytes() > MostBytes) Kill($"its process took more than {MostBytes >> 20} MB");
        }
        return await line;
    }

    private long Bytes()
    {
        _child.Refresh();
        return _child.HasExited ? 0 : _child.WorkingSet64;
    }

    private void Kill(string? reason = null)
    {
        _killed ??= reason;
        if (!_child.HasExited) _child.Kill(entireProcessTree: true);
    }

    private string FirstLine()
    {
        string text = _errors.Wait(TimeSpan.FromSeconds(10)) ? _errors.Result : "";
        return text.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0) ?? $"exit code {(_child.WaitForExit(TimeSpan.FromSeconds(10)) ? _child.ExitCode : -1)}";
    }

    private static ProcessStartInfo Command(IEnumerable<string> arguments)
    {
        var start = BenchProcess.Command([FuzzChild.Command, .. arguments]);
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapBytes.ToString("x", CultureInfo.InvariantCulture);
        // A large first generation would count as a mutation's memory.
        start.Environment["DOTNET_GCgen0size"] = "2000000";
        start.Environment["DOTNET_gcServer"] = "0";
        return start;
    }
}
