using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Studio.Web.Hosting;

/// <summary>Prints the address in one line when the server listens, and opens the browser where there is one.</summary>
public sealed class StartupAnnouncement(
    IServer server,
    IHostApplicationLifetime lifetime,
    ListenAddresses addresses,
    IOptions<StudioWebOptions> options,
    TextWriter output) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lifetime.ApplicationStarted.Register(Announce);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void Announce()
    {
        // Read from the server: port 0 becomes a real one only now.
        var address = server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        if (addresses.Notice is { } notice)
            output.WriteLine(notice);
        output.WriteLine($"Symbiosis Studio is running at {address} (press Ctrl+C to stop)");
        if (options.Value.OpenBrowser && BrowserLauncher.HasDisplay() && BrowserLauncher.Open(address) is { } failure)
            output.WriteLine($"The browser could not be opened ({failure}); open the address above yourself.");
    }
}
