using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Studio.Bench.Verify;

/// <summary>Loads hostile files, each in a process of its own with the limits of the index.</summary>
internal static class HostileVerifier
{
    /// <summary>The command that a child process runs.</summary>
    public const string ChildCommand = "hostile-file";

    private static readonly TimeSpan Start = TimeSpan.FromSeconds(60);

    /// <summary>Seconds on the clock after which a child is ended; it judges itself by processor time, which a busy machine does not change.</summary>
    private const double Grace = 15;

    public static CaseVerdict Verify(string root, HostileFile file)
    {
        var (seconds, megabytes) = HostileFile.Limits(root);
        using var child = Process.Start(Command(root, file.Name, megabytes))!;
        var errors = child.StandardError.ReadToEndAsync();
        try
        {
            string? ready = Line(child, Start);
            if (ready != HostileChild.Ready) return Failed(file, "the process did not start");
            string? line = Line(child, TimeSpan.FromSeconds(seconds + Grace));
            if (line is null) return Failed(file, child.HasExited ? $"the process ended: {FirstLine(errors)}" : $"no end within {seconds + Grace} s");
            return Judge(file, JsonSerializer.Deserialize<HostileOutcome>(line)!, seconds, megabytes);
        }
        catch (TimeoutException)
        {
            return Failed(file, "no end");
        }
        finally
        {
            if (!child.HasExited) child.Kill(entireProcessTree: true);
            child.WaitForExit();
        }
    }

    private static CaseVerdict Judge(HostileFile file, HostileOutcome outcome, double seconds, double megabytes)
    {
        string used = string.Create(CultureInfo.InvariantCulture, $"{outcome.Seconds:0.00} s, {outcome.Megabytes:0} MB");
        string result = outcome.Error ?? (outcome.Output is { } text ? $"{text.Length} characters" : "loaded");
        string? objection = !outcome.Clear ? "an error that no user should see: " + outcome.Error
            : outcome.Seconds > seconds ? $"it took more than {seconds} s"
            : outcome.Megabytes > megabytes ? $"it took more than {megabytes} MB"
            : file.Objection(outcome);
        if (result.Length > 120) result = result[..120] + "...";
        return new CaseVerdict(file.Name, objection is null, $"{objection ?? result} ({used})".ReplaceLineEndings(" "));
    }

    private static ProcessStartInfo Command(string root, string name, double megabytes)
    {
        string host = Environment.ProcessPath!;
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (Path.GetFileNameWithoutExtension(host) == "dotnet") start.ArgumentList.Add(Environment.GetCommandLineArgs()[0]);
        start.ArgumentList.Add(ChildCommand);
        start.ArgumentList.Add(root);
        start.ArgumentList.Add(name);
        start.Environment["DOTNET_GCHeapHardLimit"] = ((long)(megabytes * 1024 * 1024)).ToString("x", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_gcServer"] = "0";
        return start;
    }

    private static string? Line(Process child, TimeSpan limit)
    {
        var line = child.StandardOutput.ReadLineAsync();
        return line.Wait(limit) ? line.Result : throw new TimeoutException();
    }

    private static string FirstLine(Task<string> errors) => errors.Wait(TimeSpan.FromSeconds(5)) ? errors.Result.Split('\n').First().Trim() : "";

    private static CaseVerdict Failed(HostileFile file, string reason) => new(file.Name, false, reason);
}
