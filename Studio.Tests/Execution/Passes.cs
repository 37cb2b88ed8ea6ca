using Studio.Core.Models;

namespace Studio.Tests.Execution;

/// <summary>A training pass of each client, begun together and ended together.</summary>
internal sealed class Passes(params IBaseLayers[] clients) : IDisposable
{
    private readonly IDisposable[] _passes = [.. clients.Select(client => client.BeginPass(PassKind.Training))];

    public void Dispose()
    {
        foreach (var pass in _passes) pass.Dispose();
    }
}
