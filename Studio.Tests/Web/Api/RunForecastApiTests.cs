using System.Net;

namespace Studio.Tests.Web.Api;

/// <summary>What a run would take and whether it may start, from outside.</summary>
public sealed class RunForecastApiTests
{
    private const string Training = "\"training\":{\"maxSteps\":2,\"batchSize\":2,\"evalFraction\":0.2}";

    [Fact]
    public async Task Forecast_SoundRequest_SaysThePartsAndStartsNothing()
    {
        await using var studio = await RunningStudio.StartAsync();
        string dataset = (await studio.UploadAsync("Rows", ApiClient.Rows))["dataset"]!["id"]!.GetValue<string>();

        var forecast = await studio.PostAsync("/api/runs/forecast", $$"""{"datasetId":"{{dataset}}",{{Training}}}""");

        Assert.Equal("fits", forecast["verdict"]!.GetValue<string>());
        Assert.StartsWith("Fits: with it the studio needs ", forecast["sentence"]!.GetValue<string>(), StringComparison.Ordinal);
        long values = forecast["valueBytes"]!.GetValue<long>();
        Assert.Equal((4 * forecast["trainableParameters"]!.GetValue<long>(), 2 * values), (values, forecast["momentBytes"]!.GetValue<long>()));
        Assert.All(new[] { "gradientBytes", "activationBytes", "logitBytes" }, part => Assert.True(forecast[part]!.GetValue<long>() > 0, part));
        Assert.Equal(2, forecast["totalSteps"]!.GetValue<int>());
        Assert.Empty((await studio.GetAsync("/api/runs")).AsArray());

        var run = await studio.PostAsync("/api/runs", $$"""{"datasetId":"{{dataset}}",{{Training}}}""");
        Assert.True(run["predictedBytes"]!.GetValue<long>() > values);
        Assert.Null(run["measuredBytes"]);
        Assert.Null(run["waitsFor"]);
    }

    [Fact]
    public async Task Start_BeyondTheBudget_IsRefusedWithBothFigures()
    {
        await using var studio = await RunningStudio.StartAsync("--Studio:MemoryBudget=2000000");
        string dataset = (await studio.UploadAsync("Rows", ApiClient.Rows))["dataset"]!["id"]!.GetValue<string>();
        string body = $$"""{"datasetId":"{{dataset}}",{{Training}}}""";

        Assert.Equal("neverFits", (await studio.PostAsync("/api/runs/forecast", body))["verdict"]!.GetValue<string>());
        using var response = await studio.SendJsonAsync("/api/runs", body);

        string finding = Assert.Single(await response.FindingsAsync(HttpStatusCode.BadRequest));
        Assert.StartsWith("Never fits: the studio would need ", finding, StringComparison.Ordinal);
        Assert.EndsWith(" with this run alone, and its budget is 1.91 MiB.", finding, StringComparison.Ordinal);
        Assert.Empty((await studio.GetAsync("/api/runs")).AsArray());
    }

    [Fact]
    public async Task Forecast_NoDataset_IsRefusedAsAStartIs()
    {
        await using var studio = await RunningStudio.StartAsync();
        using var response = await studio.SendJsonAsync("/api/runs/forecast", "{}");
        Assert.StartsWith("$: missing 'datasetId'", Assert.Single(await response.FindingsAsync(HttpStatusCode.BadRequest)), StringComparison.Ordinal);
    }
}
