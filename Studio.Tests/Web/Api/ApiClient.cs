using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Studio.Tests.Web.Api;

/// <summary>Speaks to the API as an outside program does: text and JSON, none of the studio's own types.</summary>
internal static class ApiClient
{
    /// <summary>Six short conversations.</summary>
    public static string Rows { get; } = string.Concat(Enumerable.Range(0, 6).Select(i =>
        $$"""{"messages":[{"role":"user","content":"Say number {{i}}."},{"role":"assistant","content":"Ahoy, number {{i}}!"}]}""" + "\n"));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<JsonNode> GetAsync(this RunningStudio studio, string path)
    {
        using var response = await studio.Client.GetAsync(path, Ct);
        return await OkAsync(response);
    }

    public static Task<HttpResponseMessage> SendJsonAsync(this RunningStudio studio, string path, string json) =>
        studio.Client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"), Ct);

    public static async Task<JsonNode> PostAsync(this RunningStudio studio, string path, string? json = null)
    {
        using var response = json is null ? await studio.Client.PostAsync(path, null, Ct) : await studio.SendJsonAsync(path, json);
        return await OkAsync(response);
    }

    public static async Task<HttpStatusCode> DeleteAsync(this RunningStudio studio, string path)
    {
        using var response = await studio.Client.DeleteAsync(path, Ct);
        return response.StatusCode;
    }

    public static async Task<JsonNode> UploadAsync(this RunningStudio studio, string name, string rows)
    {
        using var response = await studio.SendRowsAsync($"/api/datasets?name={name}", rows);
        return await OkAsync(response);
    }

    public static Task<HttpResponseMessage> SendRowsAsync(this RunningStudio studio, string path, string rows, string type = "application/x-ndjson") =>
        studio.Client.PostAsync(path, new StringContent(rows, Encoding.UTF8, type), Ct);

    /// <summary>Starts a run of a few steps on a new data set of six rows; returns the run.</summary>
    public static async Task<JsonNode> StartRunAsync(this RunningStudio studio, int steps, string name = "Sailor")
    {
        var dataset = await studio.UploadAsync(name, Rows);
        return await studio.PostAsync("/api/runs", $$"""
            {"name":"{{name}}","datasetId":"{{dataset["dataset"]!["id"]}}","adapter":{"method":"lora","rank":2,"targets":["q_proj"]},
             "training":{"maxSteps":{{steps}},"epochs":10000,"batchSize":2,"evalFraction":0.2,"evalEverySteps":2} }
            """);
    }

    /// <summary>The problem details of an answer, whose media type and members are checked.</summary>
    public static async Task<IReadOnlyList<string>> FindingsAsync(this HttpResponseMessage response, HttpStatusCode status)
    {
        string text = await response.Content.ReadAsStringAsync(Ct);
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonNode.Parse(text)!;
        Assert.Equal((int)status, problem["status"]!.GetValue<int>());
        Assert.NotEmpty(problem["title"]!.GetValue<string>());
        Assert.NotEmpty(problem["detail"]!.GetValue<string>());
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Studio.", text, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", text, StringComparison.Ordinal);
        return [.. problem["errors"]!.AsArray().Select(error => error!.GetValue<string>())];
    }

    /// <summary>The events of a stream, one JSON object each.</summary>
    public static async Task<IReadOnlyList<JsonNode>> EventsAsync(this HttpResponseMessage response)
    {
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        string text = await response.Content.ReadAsStringAsync(Ct);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(entry => JsonNode.Parse(entry["data: ".Length..])!)];
    }

    private static async Task<JsonNode> OkAsync(HttpResponseMessage response)
    {
        if (!response.IsSuccessStatusCode) Assert.Fail($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(Ct)}");
        return (await response.Content.ReadFromJsonAsync<JsonNode>(Ct))!;
    }
}
