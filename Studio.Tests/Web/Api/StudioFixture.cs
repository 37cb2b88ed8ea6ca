namespace Studio.Tests.Web.Api;

/// <summary>One running studio for all tests of a class.</summary>
public sealed class StudioFixture : IAsyncLifetime
{
    public RunningStudio Studio { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Studio = await RunningStudio.StartAsync();

    public ValueTask DisposeAsync() => Studio.DisposeAsync();
}
