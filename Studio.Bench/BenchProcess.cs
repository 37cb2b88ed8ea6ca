using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Studio.Bench;

/// <summary>How this program starts itself as a child process, also under a test host, whose own program is another one.</summary>
internal static class BenchProcess
{
    /// <summary>A start of this program with arguments, its output and errors for the caller.</summary>
    public static ProcessStartInfo Command(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(DotNet()) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (string[])["exec", typeof(BenchProcess).Assembly.Location, .. arguments]) start.ArgumentList.Add(argument);
        return start;
    }

    private static string DotNet()
    {
        string name = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        if (Environment.ProcessPath is { } host && Path.GetFileName(host) == name) return host;
        return Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", name));
    }
}
