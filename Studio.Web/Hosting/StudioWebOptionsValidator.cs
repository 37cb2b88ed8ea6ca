using System.Globalization;
using Microsoft.Extensions.Options;
using Studio.Core.Serving;

namespace Studio.Web.Hosting;

/// <summary>Checks <see cref="StudioWebOptions"/> at start and reports everything that is wrong, not only the first.</summary>
public sealed class StudioWebOptionsValidator : IValidateOptions<StudioWebOptions>
{
    public ValidateOptionsResult Validate(string? name, StudioWebOptions options)
    {
        string[] errors = [.. DataDirectoryErrors(options.DataDirectory), .. MemoryBudgetErrors(options.MemoryBudget), .. PrefixCacheErrors(options.PrefixCacheMebibytes), .. DeviceErrors(options)];
        return errors.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static IEnumerable<string> DeviceErrors(StudioWebOptions options) =>
        new StudioEngineOptions { Device = options.Device, ClientDevice = options.ClientDevice }.DeviceProblems()
            .Select(found => $"{StudioWebOptions.Section}:{found.Setting}: {found.Problem}");

    private static IEnumerable<string> DataDirectoryErrors(string directory)
    {
        const string Setting = $"{StudioWebOptions.Section}:{nameof(StudioWebOptions.DataDirectory)}";
        if (string.IsNullOrWhiteSpace(directory))
            yield return $"{Setting} is empty; wanted a folder that this user may write.";
        else if (File.Exists(directory))
            yield return $"{Setting} is '{directory}', which is a file; wanted a folder.";
        else if (WriteError(directory) is { } reason)
            yield return $"{Setting} is '{directory}', which cannot be written: {reason}";
    }

    private static IEnumerable<string> MemoryBudgetErrors(long budget)
    {
        if (budget < 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{StudioWebOptions.Section}:{nameof(StudioWebOptions.MemoryBudget)} is {budget}; wanted a number of bytes, or 0 for nine tenths of the machine's memory.");
    }

    private static IEnumerable<string> PrefixCacheErrors(int mebibytes)
    {
        if (mebibytes < 0)
            yield return $"{StudioWebOptions.Section}:{nameof(StudioWebOptions.PrefixCacheMebibytes)} is {mebibytes}; wanted 0 (none) or more.";
    }

    private static string? WriteError(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            var probe = Path.Combine(directory, $".write-{Guid.NewGuid():N}");
            using var stream = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
            stream.WriteByte(0);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return exception.Message;
        }
    }
}
