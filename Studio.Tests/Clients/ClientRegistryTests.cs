using Studio.Core.Clients;
using Studio.Tests.Support;

namespace Studio.Tests.Clients;

public sealed class ClientRegistryTests
{
    private readonly ClientRegistry _registry = new();

    [Fact]
    public void Report_NewAndKnownClients_ListsTheLatestStateByName()
    {
        _registry.Report(State("2", "b", "m1"));
        _registry.Report(State("1", "a", "m1"));
        _registry.Report(State("2", "b", "m1") with { AdapterBytes = 5, MomentBytes = 10, GradientBytes = 20, CacheBytes = 40 });
        Assert.Equal(["a", "b"], _registry.Clients.Select(client => client.Name));
        Assert.Equal(75, _registry.Clients[1].TotalBytes);
    }

    [Fact]
    public void UsersOf_SeveralBases_GivesThoseOfTheBase()
    {
        _registry.Report(State("1", "a", "m1"));
        _registry.Report(State("2", "b", "m2"));
        _registry.Report(State("3", "c", "m1"));
        Assert.Equal(["1", "3"], _registry.UsersOf("m1").Select(client => client.Id));
        Assert.Empty(_registry.UsersOf("m3"));
    }

    [Fact]
    public void Changed_ReportsAndRemovals_RaisedOncePerChange()
    {
        int changes = 0;
        _registry.Changed += () => changes++;
        _registry.Report(State("1", "a", "m1"));
        _registry.Remove("1");
        _registry.Remove("1");
        _registry.Remove("unknown");
        Assert.Equal(2, changes);
        Assert.Empty(_registry.Clients);
    }

    [Fact]
    public void Report_FromManyThreads_LosesNobody()
    {
        TestThread.RunTogether([.. Enumerable.Range(0, 8).Select(thread => new Action(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                _registry.Report(State($"{thread}-{i}", $"{thread}-{i}", "m"));
                if (i % 2 == 1) _registry.Remove($"{thread}-{i}");
            }
        }))]);
        Assert.Equal(400, _registry.Clients.Count);
    }

    private static ClientState State(string id, string name, string model) => new(id, ClientKind.Run, name, model, 0, 0, 0, 0);
}
