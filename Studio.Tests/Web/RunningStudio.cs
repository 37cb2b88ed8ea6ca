using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Studio.Web.Hosting;

namespace Studio.Tests.Web;

/// <summary>The real application on a free port, with a data directory that goes when it stops.</summary>
public sealed class RunningStudio : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _data;

    private RunningStudio(WebApplication app, DirectoryInfo data)
    {
        _app = app;
        _data = data;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient { BaseAddress = Address };
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>A client of that address.</summary>
    public HttpClient Client { get; }

    /// <summary>What it keeps its files in.</summary>
    public string DataDirectory => _data.FullName;

    /// <summary>Its services.</summary>
    public IServiceProvider Services => _app.Services;

    public static Task<RunningStudio> StartAsync(params string[] args) => StartAsync(_ => { }, args);

    /// <summary>Starts it with parts replaced.</summary>
    public static async Task<RunningStudio> StartAsync(Action<IServiceCollection> configure, params string[] args)
    {
        var data = Directory.CreateTempSubdirectory("studio-");
        string[] own = ["--no-browser", "--urls=http://127.0.0.1:0", $"--Studio:DataDirectory={data.FullName}"];
        var app = StudioWebHost.Build([.. own, .. args], builder => configure(builder.Services.AddSingleton(TextWriter.Null)));
        await app.StartAsync();
        return new RunningStudio(app, data);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }
}
