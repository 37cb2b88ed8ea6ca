using System.Net;
using System.Text;

namespace Studio.Tests.Web.Api;

public sealed class ApiRefusalTests(StudioFixture fixture) : IClassFixture<StudioFixture>
{
    private const string Lora = "\"adapter\":{\"method\":\"lora\"";

    private readonly RunningStudio _studio = fixture.Studio;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{", "$: Expected depth to be zero")]
    [InlineData("", "The body is empty")]
    [InlineData("null", "The body is null")]
    [InlineData("[]", "$: the value is not an object.")]
    [InlineData("{\"datasetId\":5}", "$.datasetId: the value is not a text.")]
    [InlineData("{\"datasetId\":\"x\",\"rnk\":1}", "$: there is no member 'rnk'.")]
    [InlineData("{\"datasetId\":\"x\",\"datasetId\":\"y\"}", "$.datasetId: the member is there twice.")]
    [InlineData("{\"datasetId\":\"x\"," + Lora + ",\"rnk\":1}}", "$.adapter: there is no member 'rnk'.")]
    [InlineData("{\"datasetId\":\"x\",\"adapter\":{\"rank\":8}}", "$.adapter: the member 'method' is missing; expected \"lora\"")]
    [InlineData("{\"datasetId\":\"x\",\"adapter\":{\"method\":\"magic\"}}", "$.adapter: the method is unknown; expected \"lora\"")]
    [InlineData("{\"datasetId\":\"x\"," + Lora + ",\"targets\":5}}", "$.adapter.targets: The target modules are a text")]
    [InlineData("{\"datasetId\":\"x\"," + Lora + ",\"targets\":null}}", "$.adapter.targets: the value is null")]
    [InlineData("{\"datasetId\":\"x\"," + Lora + ",\"targets\":[null]}}", "$.adapter.targets: A name of a target module is null")]
    [InlineData("{\"datasetId\":\"x\"," + Lora + ",\"targets\":{\"nmes\":[]}}}", "$.adapter.targets: there is no member 'nmes'.")]
    [InlineData("{\"datasetId\":\"x\"," + Lora + ",\"targets\":{\"names\":[\"a\"],\"pattern\":\"b\"}}}", "$.adapter.targets: The target modules have names and a pattern")]
    [InlineData("{\"datasetId\":\"x\",\"training\":{\"epochs\":null}}", "$.training.epochs: the value is not a number.")]
    [InlineData("{\"datasetId\":\"x\",\"training\":{\"batchSize\":\"4\"}}", "$.training.batchSize: the value is not a whole number in range.")]
    [InlineData("{\"datasetId\":\"x\",\"training\":{\"schedule\":\"fast\"}}", "$.training.schedule: the value is not one of cosine, linear, constant.")]
    [InlineData("{}", "$: missing 'datasetId'")]
    [InlineData("{\"datasetId\":\"nowhere\"}", "There is no data set 'nowhere'.")]
    [InlineData("{\"datasetId\":\"x\",\"modelId\":\"nowhere\"}", "The base model 'nowhere' is not loaded.")]
    [InlineData("{\"datasetId\":\"x\"," + Lora + ",\"rank\":0}}", "Rank is 0; expected 1 to 4096.")]
    [InlineData("{\"datasetId\":\"x\"," + Lora + ",\"targets\":[\"w_proj\"]}}", "The target module 'w_proj' matches nothing in this model; it has ")]
    [InlineData("{\"datasetId\":\"x\"," + Lora + ",\"targets\":\"((\"}}", "The target pattern '((' is not a regular expression")]
    [InlineData("{\"datasetId\":\"x\",\"training\":{\"learningRate\":1e999}}", "Learning rate is Infinity")]
    public async Task StartRun_BadInput_IsRefusedWithThePlaceAndTheReason(string body, string finding)
    {
        using var response = await _studio.SendJsonAsync("/api/runs", body);

        Assert.Contains(await response.FindingsAsync(HttpStatusCode.BadRequest), found => found.StartsWith(finding, StringComparison.Ordinal));
        Assert.Empty((await _studio.GetAsync("/api/runs")).AsArray());
    }

    [Fact]
    public async Task StartRun_SeveralFaults_AllAreListed()
    {
        using var response = await _studio.SendJsonAsync("/api/runs", """{"datasetId":"x","adapter":{"method":"lora","rank":0,"alpha":-1},"training":{"batchSize":0,"epochs":0}}""");

        var findings = await response.FindingsAsync(HttpStatusCode.BadRequest);

        Assert.Equal(5, findings.Count);
    }

    [Theory]
    [InlineData("{}", "$: missing 'messages'")]
    [InlineData("{\"messages\":[]}", "Pane 0: the last message must be the user's.")]
    [InlineData("{\"messages\":[null]}", "$.messages[0]: the message is null.")]
    [InlineData("{\"messages\":[{\"role\":\"user\"}]}", "$.messages[0]: missing 'content'.")]
    [InlineData("{\"messages\":[{\"role\":\"pilot\",\"content\":\"a\"},{\"role\":\"user\",\"content\":\"b\"}]}", "Pane 0: the role 'pilot' is unknown")]
    [InlineData("{\"panes\":[null]}", "$.panes[0]: the pane is null.")]
    [InlineData("{\"panes\":[]}", "The request has 0 panes; expected 1 to 16.")]
    [InlineData("{\"panes\":[{\"messages\":[]}],\"messages\":[]}", "$: found 'panes' beside 'messages'")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"modelId\":\"nowhere\"}", "The model 'nowhere' is not loaded.")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"sampling\":{\"topP\":2}}", "Top-p is 2; expected above 0 and at most 1.")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"sampling\":{\"stop\":null}}", "$.sampling.stop: the value is null")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"sampling\":{\"temperature\":null}}", "$.sampling.temperature: the value is")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"sampling\":{\"suppressTokens\":[99999999]}}", "Suppressed tokens hold 99999999; the model has the ids 0 to")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"sampling\":{\"badWords\":[[]]}}", "Bad words hold an empty list")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"whenTooLong\":\"cry\"}", "$.whenTooLong: the value is")]
    public async Task Chat_BadInput_IsRefusedBeforeTheStream(string body, string finding)
    {
        using var response = await _studio.SendJsonAsync("/api/chat", body);

        Assert.Contains(await response.FindingsAsync(HttpStatusCode.BadRequest), found => found.StartsWith(finding, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Chat_WithUnknownAdapter_IsNotFound()
    {
        using var response = await _studio.SendJsonAsync("/api/chat", """{"adapterId":"nowhere","messages":[{"role":"user","content":"a"}]}""");

        Assert.Equal(["There is no adapter 'nowhere'."], await response.FindingsAsync(HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task Chat_LongerThanTheContext_IsRefusedWithBothLengths()
    {
        string words = string.Concat(Enumerable.Repeat("word ", 1000));

        using var response = await _studio.SendJsonAsync("/api/chat", $$"""{"stream":false,"messages":[{"role":"user","content":"{{words}}"}]}""");

        string finding = Assert.Single(await response.FindingsAsync(HttpStatusCode.BadRequest));
        Assert.EndsWith("tokens; the model's context holds 512. Shorten or clear it.", finding, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_LongerThanTheContextAndShortened_TellsWhatWasLeftOut()
    {
        string turns = string.Concat(Enumerable.Repeat("""{"role":"user","content":"Tell me about the old ships."},{"role":"assistant","content":"Old ships had sails and masts."},""", 40));

        var answer = await _studio.PostAsync("/api/chat",
            $$"""{"stream":false,"whenTooLong":"dropOldest","sampling":{"greedy":true,"maxNewTokens":4},"messages":[{{turns}}{"role":"user","content":"Bye"}]}""");

        var window = answer["answers"]![0]!["window"]!;
        Assert.Equal(512, window["contextLength"]!.GetValue<int>());
        Assert.InRange(window["promptTokens"]!.GetValue<int>(), 400, 508);
        Assert.InRange(window["droppedMessages"]!.GetValue<int>(), 2, 78);
        Assert.True(window["conversationTokens"]!.GetValue<int>() > 512);
        Assert.Null(answer["answers"]![0]!["error"]);
    }

    [Fact]
    public async Task Upload_WithoutAUsableLine_ListsTheLinesAndStoresNothing()
    {
        int before = (await _studio.GetAsync("/api/datasets")).AsArray().Count;

        using var response = await _studio.SendRowsAsync("/api/datasets?name=broken", "{\"messages\":[]}\n\nno json\n");

        var findings = await response.FindingsAsync(HttpStatusCode.BadRequest);
        Assert.Equal(2, findings.Count);
        Assert.StartsWith("Line 1: ", findings[0], StringComparison.Ordinal);
        Assert.StartsWith("Line 3: not valid JSON", findings[1], StringComparison.Ordinal);
        Assert.Equal(before, (await _studio.GetAsync("/api/datasets")).AsArray().Count);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(Path.Combine(_studio.DataDirectory, "datasets")), path => path.EndsWith(".upload", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json")]
    public async Task Upload_OfAnotherKind_IsRefused(string type)
    {
        using var response = await _studio.SendRowsAsync("/api/datasets?name=x", ApiClient.Rows, type);

        Assert.Contains("wanted multipart/form-data", Assert.Single(await response.FindingsAsync(HttpStatusCode.UnsupportedMediaType)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upload_FormWithoutFile_IsRefused()
    {
        using var form = new MultipartFormDataContent { { new StringContent("x"), "name" } };

        using var response = await _studio.Client.PostAsync("/api/datasets", form, Ct);

        Assert.StartsWith("The form has 0 files; expected one", Assert.Single(await response.FindingsAsync(HttpStatusCode.BadRequest)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_TooLarge_IsRefusedWithTheLimit()
    {
        // A client that is still sending when the server refuses sees a broken pipe; this one waits to be asked for the body.
        using var client = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan }) { BaseAddress = _studio.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/adapters")
        {
            Content = new StringContent("{\"name\":\"" + new string('x', 5 << 20) + "\"}", Encoding.UTF8, "application/json"),
        };
        request.Headers.ExpectContinue = true;

        using var response = await client.SendAsync(request, Ct);

        Assert.Contains("at most 4194304 bytes", Assert.Single(await response.FindingsAsync(HttpStatusCode.RequestEntityTooLarge)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task KindsThatAFormOfAnotherSiteCanSend_AreRefusedEverywhere(string type)
    {
        foreach (string path in new[] { "/api/runs", "/api/runs/x/stop", "/api/chat", "/api/models", "/api/adapters" })
        {
            using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("{}"));
            content.Headers.TryAddWithoutValidation("Content-Type", type);

            using var response = await _studio.Client.PostAsync(path, content, Ct);

            Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("/api/runs/x/stop", "text/plain")]
    [InlineData("/api/datasets?name=x", "multipart/form-data; boundary=x")]
    [InlineData("/api/chat", "application/json")]
    public async Task FormOfAnotherSite_IsRefusedByItsOrigin(string path, string type)
    {
        foreach (string origin in new[] { "https://example.com", "null" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent([]) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            request.Headers.Add("Origin", origin);

            using var response = await _studio.Client.SendAsync(request, Ct);

            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        }
    }

    [Theory]
    [InlineData("{\"folder\":\"models/starter\"}", "The folder is 'models/starter'; expected the absolute path")]
    [InlineData("{\"folder\":\"/no/such/folder\"}", "The model folder '/no/such/folder' does not exist.")]
    [InlineData("{\"folder\":\"/no/such/folder\",\"computeType\":\"int3\"}", "The compute type 'int3' is unknown")]
    public async Task LoadModel_BadInput_IsRefused(string body, string finding)
    {
        using var response = await _studio.SendJsonAsync("/api/models", body);

        Assert.StartsWith(finding, Assert.Single(await response.FindingsAsync(HttpStatusCode.BadRequest)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LoadModel_Truncated_NamesTheFile()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_studio.DataDirectory, "truncated"));
        string starter = (await _studio.GetAsync("/api/models"))[0]!["folder"]!.GetValue<string>();
        foreach (string file in Directory.EnumerateFiles(starter)) File.Copy(file, Path.Combine(folder.FullName, Path.GetFileName(file)));
        string weights = Path.Combine(folder.FullName, "model.safetensors");
        await File.WriteAllBytesAsync(weights, (await File.ReadAllBytesAsync(weights, Ct))[..100_000], Ct);

        using var response = await _studio.SendJsonAsync("/api/models", $$"""{"folder":"{{folder.FullName}}"}""");

        Assert.Contains("model.safetensors", Assert.Single(await response.FindingsAsync(HttpStatusCode.BadRequest)), StringComparison.Ordinal);
        Assert.Single((await _studio.GetAsync("/api/models")).AsArray());
    }

    [Theory]
    [InlineData("GET", "/api/nothing", HttpStatusCode.NotFound, "There is nothing at /api/nothing.")]
    [InlineData("PUT", "/api/runs", HttpStatusCode.MethodNotAllowed, "PUT is not possible at /api/runs; possible: GET, HEAD, POST.")]
    [InlineData("GET", "/api/runs/x", HttpStatusCode.NotFound, "There is no run 'x'.")]
    [InlineData("GET", "/api/runs/x/metrics", HttpStatusCode.NotFound, "There is no run 'x'.")]
    [InlineData("POST", "/api/runs/x/pause", HttpStatusCode.NotFound, "There is no run 'x'.")]
    [InlineData("DELETE", "/api/runs/x", HttpStatusCode.NotFound, "There is no run 'x'.")]
    [InlineData("GET", "/api/datasets/x", HttpStatusCode.NotFound, "There is no data set 'x'.")]
    [InlineData("DELETE", "/api/datasets/x", HttpStatusCode.NotFound, "There is no data set 'x'.")]
    [InlineData("GET", "/api/adapters/x", HttpStatusCode.NotFound, "There is no adapter 'x'.")]
    [InlineData("DELETE", "/api/adapters/x", HttpStatusCode.NotFound, "There is no adapter 'x'.")]
    [InlineData("GET", "/api/models/x", HttpStatusCode.NotFound, "There is no loaded model 'x'.")]
    public async Task Missing_AnswersWithProblemDetails(string method, string path, HttpStatusCode status, string finding)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await _studio.Client.SendAsync(request, Ct);

        Assert.Equal([finding], await response.FindingsAsync(status));
    }
}
