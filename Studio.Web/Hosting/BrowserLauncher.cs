using System.ComponentModel;
using System.Diagnostics;

namespace Studio.Web.Hosting;

/// <summary>Opens the default browser on machines that have one in front of a person.</summary>
public static class BrowserLauncher
{
    /// <summary>False in CI, over SSH, and on Linux without a display server.</summary>
    public static bool HasDisplay() => HasDisplay(Environment.GetEnvironmentVariable, OperatingSystem.IsLinux());

    /// <inheritdoc cref="HasDisplay()"/>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="isLinux">Whether a display has to be named by a variable.</param>
    public static bool HasDisplay(Func<string, string?> variable, bool isLinux)
    {
        bool Has(string name) => !string.IsNullOrEmpty(variable(name));
        if (string.Equals(variable("CI"), "true", StringComparison.OrdinalIgnoreCase) || Has("SSH_CONNECTION") || Has("SSH_TTY"))
            return false;
        return !isLinux || Has("DISPLAY") || Has("WAYLAND_DISPLAY");
    }

    /// <summary>Opens the address; returns why that failed, or null.</summary>
    public static string? Open(string address)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(address) { UseShellExecute = true });
            return null;
        }
        catch (Exception exception) when (exception is Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            return exception.Message;
        }
    }
}
