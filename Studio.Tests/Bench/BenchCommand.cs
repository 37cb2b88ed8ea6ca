using System.Diagnostics;
using System.Text.Json;
using Studio.Bench;
using Studio.Tests.Support;

namespace Studio.Tests.Bench;

/// <summary>What a command of the bench program wrote.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Tables and JSON lines.</param>
/// <param name="Errors">Messages.</param>
internal sealed record BenchCommand(int ExitCode, string Output, string Errors)
{
    /// <summary>The figures: a JSON line a row.</summary>
    public IReadOnlyList<JsonElement> Rows => [.. Output.Split('\n').Where(line => line.StartsWith('{')).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Runs a command.</summary>
    public static async Task<BenchCommand> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(BenchProcess.Command(arguments))!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new BenchCommand(process.ExitCode, await output, await errors);
    }

    /// <summary>Runs a measurement on the starter model.</summary>
    public static async Task<IReadOnlyList<JsonElement>> MeasureAsync(string bench, params string[] options)
    {
        var command = await RunAsync(["bench", bench, "--model", Path.Combine(SourceFolder.Root, "models", "starter"), .. options]);
        Assert.True(command.ExitCode == 0, command.Errors + command.Output);
        return command.Rows;
    }
}
