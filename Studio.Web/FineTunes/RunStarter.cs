using Studio.Core;
using Studio.Core.Runs;
using Studio.Core.Storage;

namespace Studio.Web.FineTunes;

/// <summary>Outcome of a start.</summary>
/// <param name="Started">Runs that were started.</param>
/// <param name="Failure">Why the next one was not; null when all were.</param>
public sealed record StartOutcome(IReadOnlyList<RunView> Started, Refusal? Failure);

/// <summary>Starts several runs, one after another, and stops at the first that is refused.</summary>
public sealed class RunStarter(IRunService runs)
{
    /// <summary>Starts each request.</summary>
    public async Task<StartOutcome> StartAsync(IEnumerable<RunRequest> requests, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        var started = new List<RunView>();
        foreach (var request in requests)
        {
            try
            {
                started.Add(await runs.StartAsync(request, ct));
            }
            catch (Exception exception) when (Refusal.Of(exception) is not null)
            {
                return new StartOutcome(started, Refusal.Of(exception));
            }
        }
        return new StartOutcome(started, null);
    }
}

/// <summary>Why the engine did not do what was asked.</summary>
/// <param name="Message">The sentence to show.</param>
/// <param name="Detail">Further findings, one a line; null when there are none.</param>
public sealed record Refusal(string Message, string? Detail)
{
    /// <summary>The refusal that an exception stands for; null for an error of the program.</summary>
    public static Refusal? Of(Exception exception) => exception switch
    {
        StudioException { Details.Count: > 0 } refusal => new Refusal(refusal.Message, string.Join('\n', refusal.Details)),
        StudioException or NotFoundException or StorageException or IOException => new Refusal(exception.Message, null),
        _ => null,
    };
}
