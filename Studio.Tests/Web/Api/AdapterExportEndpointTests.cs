using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Serving;

namespace Studio.Tests.Web.Api;

public sealed class AdapterExportEndpointTests
{
    [Fact]
    public async Task Export_IsAZipOfThePeftFolderUnderTheAdaptersName()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var studio = await RunningStudio.StartAsync();
        var model = studio.Services.GetRequiredService<IModelService>().Loaded[0].Record.Id;
        var adapter = await studio.Services.GetRequiredService<IAdapterService>().CreateAsync("Ahoy / größer", new LoraSpec { Rank = 2 }, model, ct: ct);

        using var response = await studio.Client.GetAsync($"/api/adapters/{adapter.Id}/export", ct);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/zip", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("Ahoy---größer.zip", response.Content.Headers.ContentDisposition!.FileNameStar);
        using var zip = new ZipArchive(await response.Content.ReadAsStreamAsync(ct));
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors", "chat_template.jinja", "generation_config.json", "tokenizer.json", "tokenizer_config.json"], zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        using var config = await JsonDocument.ParseAsync(await zip.GetEntry("adapter_config.json")!.OpenAsync(ct), cancellationToken: ct);
        Assert.Equal(("LORA", 2), (config.RootElement.GetProperty("peft_type").GetString(), config.RootElement.GetProperty("r").GetInt32()));
    }

    [Fact]
    public async Task Export_UnknownId_Answers404AndSaysWhich()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var studio = await RunningStudio.StartAsync();

        using var response = await studio.Client.GetAsync("/api/adapters/nope/export", ct);

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync(ct));
        Assert.Equal("There is no adapter 'nope'.", problem.RootElement.GetProperty("detail").GetString());
    }
}
