using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Studio.Tests.Support;

namespace Studio.Tests.Web.Api;

public sealed class AdapterImportApiTests(StudioFixture fixture) : IClassFixture<StudioFixture>
{
    private readonly RunningStudio _studio = fixture.Studio;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Story_CreateExportImportDuplicateDelete_WorksFromOutside()
    {
        var created = await _studio.PostAsync("/api/adapters", """{"name":"Fresh","settings":{"method":"lora","rank":2,"targets":["q_proj"]}}""");
        Assert.Equal("created", created["source"]!.GetValue<string>());
        byte[] zip = await _studio.Client.GetByteArrayAsync($"/api/adapters/{created["id"]}/export", Ct);

        using var form = new MultipartFormDataContent { { new StringContent("Back"), "name" }, { new ByteArrayContent(zip), "file", "fresh.zip" } };
        var imported = await OkAsync(await _studio.Client.PostAsync("/api/adapters/import", form, Ct), HttpStatusCode.Created);
        Assert.Equal(("Back", "import", "fresh.zip"), (Text(imported, "name"), Text(imported, "source"), Text(imported, "sourceName")));
        Assert.Equal(created["settings"]!.ToJsonString(), imported["settings"]!.ToJsonString());

        var raw = await OkAsync(await SendAsync(zip, $"?name=Raw&modelId={created["modelId"]}"), HttpStatusCode.Created);
        Assert.Equal("Raw", Text(raw, "name"));

        var copy = await _studio.PostAsync($"/api/adapters/{imported["id"]}/duplicate", "{}");
        Assert.Equal(("Back copy", "copy", Text(imported, "id")), (Text(copy, "name"), Text(copy, "source"), Text(copy, "parentId")));
        var uses = await _studio.GetAsync($"/api/adapters/{imported["id"]}/uses");
        Assert.Equal(Text(copy, "id"), Assert.Single(uses["children"]!.AsArray())!["id"]!.GetValue<string>());
        Assert.Equal(HttpStatusCode.NoContent, await _studio.DeleteAsync($"/api/adapters/{imported["id"]}"));
        Assert.Equal(Text(imported, "id"), Text(await _studio.GetAsync($"/api/adapters/{copy["id"]}"), "parentId"));
    }

    [Fact]
    public async Task Folder_OfThisMachine_IsRefusedWithEveryReason()
    {
        using var response = await _studio.SendJsonAsync("/api/adapters/import/folder", $$"""{"folder":"{{FixtureFolder.Adapter("llama/lora").Replace('\\', '/')}}"}""");

        var findings = await response.FindingsAsync(HttpStatusCode.BadRequest);
        Assert.Contains(findings, finding => finding.Contains("layers.0.self_attn.q_proj.lora_A.weight is [", StringComparison.Ordinal));
        using var relative = await _studio.SendJsonAsync("/api/adapters/import/folder", """{"folder":"adapters/mine"}""");
        Assert.Contains("expected the absolute path", Assert.Single(await relative.FindingsAsync(HttpStatusCode.BadRequest)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Zip_ThatLeadsOutOrIsAPickleOrNone_IsRefused()
    {
        Assert.Contains("leads out of the zip", await RefusalAsync(Zip("adapter_config.json", "adapter_model.safetensors", "../out")), StringComparison.Ordinal);
        Assert.Contains("is a pickle file", await RefusalAsync(Zip("adapter_config.json", "adapter_model.bin")), StringComparison.Ordinal);
        Assert.Contains("cannot be read as a zip", await RefusalAsync([1, 2, 3]), StringComparison.Ordinal);
        using var text = await _studio.SendRowsAsync("/api/adapters/import", "{}", "application/json");
        Assert.Contains("application/zip", Assert.Single(await text.FindingsAsync(HttpStatusCode.UnsupportedMediaType)), StringComparison.Ordinal);
    }

    private async Task<string> RefusalAsync(byte[] zip)
    {
        using var response = await SendAsync(zip, "");
        return Assert.Single(await response.FindingsAsync(HttpStatusCode.BadRequest));
    }

    private Task<HttpResponseMessage> SendAsync(byte[] zip, string query) =>
        _studio.Client.PostAsync("/api/adapters/import" + query, new ByteArrayContent(zip) { Headers = { ContentType = new MediaTypeHeaderValue("application/zip") } }, Ct);

    private static byte[] Zip(params string[] names)
    {
        using var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var name in names) zip.CreateEntry(name);
        return packed.ToArray();
    }

    private static async Task<JsonNode> OkAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(Ct)}");
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Ct))!;
    }

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
