using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Studio.Core;
using Studio.Core.Storage;

namespace Studio.Web.Hosting;

/// <summary>Tells failures that the user can mend from failures that are ours.</summary>
public static class StartupFailure
{
    /// <summary>A message for the terminal, or null where the exception is a defect and its trace should be seen.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        StartupException or StudioException or StorageException => $"Symbiosis Studio cannot start: {exception.Message}",
        OptionsValidationException options =>
            "Symbiosis Studio cannot start:" + string.Concat(options.Failures.Select(failure => $"{Environment.NewLine}  - {failure}")),
        IOException { InnerException: AddressInUseException } =>
            $"Symbiosis Studio cannot start: {exception.Message} Choose another with --urls http://127.0.0.1:PORT.",
        _ => null,
    };
}
