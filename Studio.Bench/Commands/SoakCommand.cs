using System.CommandLine;
using Studio.Bench.Soak;

namespace Studio.Bench.Commands;

/// <summary><c>soak fuzz-models | executor</c>: long runs that look for what no single test finds. Each soak is one file of <c>Soak</c>.</summary>
internal static class SoakCommand
{
    public static Command Create() => new("soak", "Runs for long and looks for crashes, hangs and growth.") { FuzzModelsSoak.Create(), ExecutorSoakCommand.Create() };
}
