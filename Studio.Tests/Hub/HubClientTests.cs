using System.Text.Json.Nodes;
using Studio.Core.Hub;
using Studio.Tests.Support;

namespace Studio.Tests.Hub;

/// <summary>Downloads from a server that behaves like the Hub, and misbehaves like one.</summary>
public sealed class HubClientTests
{
    private const string Weights = "tests/starter/model.safetensors";
    private const string Tokenizer = "tests/starter/tokenizer_config.json";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Starter => Path.Combine(SourceFolder.Root, "models", "starter");

    [Fact]
    public async Task Download_WholeModel_BringsTheNeededFilesExactlyAndNoOthers()
    {
        await using var rig = await HubRig.CreateAsync();

        await rig.DownloadAsync(ct: Ct);

        foreach (string file in Directory.EnumerateFiles(rig.Target)) Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(Starter, Path.GetFileName(file)), Ct), await File.ReadAllBytesAsync(file, Ct));
        var names = Directory.EnumerateFiles(rig.Target, "*", SearchOption.AllDirectories).Select(Path.GetFileName).ToList();
        Assert.Superset(new HashSet<string?> { "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json" }, names.ToHashSet());
        Assert.DoesNotContain(rig.Server.HubRequests, request => request.Path.EndsWith(".bin", StringComparison.Ordinal) || request.Path.EndsWith(".py", StringComparison.Ordinal));
        Assert.False(Directory.Exists(rig.Stage));
        Assert.Equal(rig.Progress.TotalBytes, rig.Progress.DoneBytes);
        Assert.Equal(Directory.EnumerateFiles(rig.Target).Sum(file => new FileInfo(file).Length), rig.Progress.TotalBytes);
        Assert.Empty(rig.Pauses);
    }

    [Fact]
    public async Task Download_ConnectionDrops_GoesOnFromWhereItStopped()
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Server.Drop(Weights, 2_000_000);
        rig.Server.Drop(Weights, 1_500_000);

        await rig.DownloadAsync(ct: Ct);

        Assert.Equal(rig.Server.Content("tests/starter", "model.safetensors"), await File.ReadAllBytesAsync(Path.Combine(rig.Target, "model.safetensors"), Ct));
        var ranges = rig.Server.ElsewhereRequests.Where(request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, ranges.Count);
        Assert.Null(ranges[0].Range);
        // What had arrived when a connection broke is not asked for again; bytes still on their way may be lost with it.
        Assert.All(ranges.Skip(1), request => Assert.Matches("^bytes=[1-9][0-9]*-$", request.Range));
        Assert.All(ranges.Skip(1), request => Assert.StartsWith("\"t-", request.IfRange, StringComparison.Ordinal));
        Assert.Equal(2, rig.Pauses.Count);
        Assert.Equal(rig.Progress.TotalBytes, rig.Progress.DoneBytes);
    }

    [Fact]
    public async Task Download_InAnotherProcess_GoesOnFromThePartOnDisk()
    {
        await using var rig = await HubRig.CreateAsync();
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var reached = new TaskCompletionSource();
        rig.Server.Hold(Weights, 3_000_000, reached, Task.Delay(Timeout.Infinite, Ct));
        var first = new HubProgress();
        var enough = new TaskCompletionSource();
        first.Changed += () => { if (first.DoneBytes > 1_000_000) enough.TrySetResult(); };
        var interrupted = rig.DownloadAsync(progress: first, ct: closing.Token);
        await enough.Task.WaitAsync(Ct);
        await closing.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => interrupted);
        Assert.False(Directory.Exists(rig.Target));
        long kept = new FileInfo(Path.Combine(rig.Stage, "model.safetensors.part")).Length;
        Assert.InRange(kept, 1, 3_000_000);
        rig.Server.ElsewhereRequests.Clear();
        rig.Server.HubRequests.Clear();

        using var later = rig.NewClient();
        await rig.DownloadAsync(later, ct: Ct);

        var request = Assert.Single(rig.Server.ElsewhereRequests, request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal));
        Assert.Equal($"bytes={kept}-", request.Range);
        Assert.DoesNotContain(rig.Server.HubRequests, request => request.Path.EndsWith("config.json", StringComparison.Ordinal));
        Assert.Equal(rig.Server.Content("tests/starter", "model.safetensors"), await File.ReadAllBytesAsync(Path.Combine(rig.Target, "model.safetensors"), Ct));
        Assert.Equal(rig.Progress.TotalBytes, rig.Progress.DoneBytes);
    }

    [Fact]
    public async Task Download_PartOfOtherContent_IsThrownAway()
    {
        await using var rig = await HubRig.CreateAsync();
        Directory.CreateDirectory(rig.Stage);
        await File.WriteAllBytesAsync(Path.Combine(rig.Stage, "model.safetensors.part"), new byte[5000], Ct);
        await File.WriteAllTextAsync(Path.Combine(rig.Stage, "model.safetensors.part.json"), """{"Checksum":"f00d","Tag":"\"old\""}""", Ct);

        await rig.DownloadAsync(ct: Ct);

        Assert.All(rig.Server.ElsewhereRequests, request => Assert.Null(request.Range));
        Assert.Equal(rig.Progress.TotalBytes, rig.Progress.DoneBytes);
    }

    [Fact]
    public async Task Download_DamagedPart_ComesAgainFromItsBeginning()
    {
        await using var rig = await HubRig.CreateAsync();
        byte[] content = rig.Server.Content("tests/starter", "model.safetensors");
        Directory.CreateDirectory(rig.Stage);
        await File.WriteAllBytesAsync(Path.Combine(rig.Stage, "model.safetensors.part"), new byte[5000], Ct);
        await File.WriteAllTextAsync(Path.Combine(rig.Stage, "model.safetensors.part.json"), $$"""{"Checksum":"{{TestHub.Sha256(content)}}","Tag":null}""", Ct);

        await rig.DownloadAsync(ct: Ct);

        Assert.Equal(["bytes=5000-", null], rig.Server.ElsewhereRequests.Where(request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal)).Select(request => request.Range));
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(rig.Target, "model.safetensors"), Ct));
        Assert.Equal(rig.Progress.TotalBytes, rig.Progress.DoneBytes);
    }

    [Fact]
    public async Task Download_ServerThatKnowsNoRanges_StartsOver()
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Server.Drop(Weights, 2_000_000);
        rig.Server.Fault(Weights, async (context, content) =>
        {
            context.Response.ContentLength = content.Length;
            await context.Response.Body.WriteAsync(content);
            return true;
        });

        await rig.DownloadAsync(ct: Ct);

        Assert.Equal(rig.Server.Content("tests/starter", "model.safetensors"), await File.ReadAllBytesAsync(Path.Combine(rig.Target, "model.safetensors"), Ct));
        Assert.Equal(rig.Progress.TotalBytes, rig.Progress.DoneBytes);
    }

    [Theory]
    [InlineData(Weights, "model.safetensors")]
    [InlineData(Tokenizer, "tokenizer_config.json")]
    public async Task Download_WrongChecksum_IsRefusedAndNothingIsKept(string path, string file)
    {
        await using var rig = await HubRig.CreateAsync();
        byte[] wrong = [.. rig.Server.Content("tests/starter", file)];
        wrong[^1] ^= 1;
        for (int i = 0; i < 2; i++)
            rig.Server.Fault(path, async (context, _) =>
            {
                context.Response.ContentLength = wrong.Length;
                await context.Response.Body.WriteAsync(wrong);
                return true;
            });

        var error = await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(ct: Ct));

        Assert.Equal(HubFailure.WrongContent, error.Failure);
        Assert.Contains($"'{file}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("another checksum", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(rig.Target));
        Assert.DoesNotContain(Directory.EnumerateFiles(rig.Stage), kept => Path.GetFileName(kept).StartsWith(file, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Download_MoreBytesThanAnnounced_IsRefused()
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Server.Fault(Weights, async (context, content) =>
        {
            await context.Response.Body.WriteAsync(content);
            await context.Response.Body.WriteAsync(new byte[10]);
            return true;
        });

        var error = await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(ct: Ct));

        Assert.Equal(HubFailure.WrongContent, error.Failure);
        Assert.Contains("more of 'model.safetensors'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_HubOffersOtherContentThanAnnounced_IsRefusedBeforeItComes()
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Server.Describing = answer =>
        {
            foreach (var file in answer["siblings"]!.AsArray().Where(file => file!["lfs"] is not null)) file!["lfs"]!["sha256"] = new string('a', 64);
        };

        var error = await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(ct: Ct));

        Assert.Contains("offers other content", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, Directory.EnumerateFiles(rig.Stage, "*.part").Sum(part => new FileInfo(part).Length));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task Download_ServerIsBusy_WaitsAsLongAsItAsksAndGoesOn(int status)
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Server.Status("api/tests/starter", status, response => response.Headers.RetryAfter = "7");
        rig.Server.Status(Weights, status);

        await rig.DownloadAsync(ct: Ct);

        Assert.Equal([TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(1)], rig.Pauses);
    }

    [Fact]
    public async Task Download_ServerStaysBusy_GivesUpAndKeepsWhatArrived()
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Server.Drop(Weights, 500_000);
        for (int i = 0; i < 10; i++) rig.Server.Status(Weights, 503);

        var error = await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(ct: Ct));

        Assert.Equal(HubFailure.Unreachable, error.Failure);
        Assert.Equal([1, 2, 4, 8, 16], rig.Pauses.Select(pause => (int)pause.TotalSeconds));
        Assert.True(File.Exists(Path.Combine(rig.Stage, "model.safetensors.part")));
    }

    [Fact]
    public async Task Describe_ServerAsksForAnHour_GivesUpAtOnce()
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Server.Status("api/tests/starter", 429, response => response.Headers.RetryAfter = "3600");

        var error = await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(ct: Ct));

        Assert.Contains("asks to wait 60 minutes", error.Message, StringComparison.Ordinal);
        Assert.Empty(rig.Pauses);
    }

    [Fact]
    public async Task Describe_NobodyListens_SaysSo()
    {
        await using var rig = await HubRig.CreateAsync();
        using var client = rig.NewClient(rig.Options with { Endpoint = new Uri("http://127.0.0.1:1/") });

        var error = await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(client, ct: Ct));

        Assert.Equal(HubFailure.Unreachable, error.Failure);
        Assert.Contains("127.0.0.1 cannot be reached", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_ServerFallsSilent_CountsAsBroken()
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Server.Hold(Weights, 1_000_000, new TaskCompletionSource(), Task.Delay(Timeout.Infinite, Ct));
        using var client = rig.NewClient(rig.Options with { Silence = TimeSpan.FromSeconds(1) });

        await rig.DownloadAsync(client, ct: Ct);

        Assert.Single(rig.Pauses);
        Assert.Equal(rig.Progress.TotalBytes, rig.Progress.DoneBytes);
    }

    [Theory]
    [InlineData(401, "", "shows 'tests/starter' to nobody without a token")]
    [InlineData(401, "GatedRepo", "is gated. Accept its terms at")]
    [InlineData(403, "GatedRepo", "is gated. Accept its terms at")]
    [InlineData(403, "", "forbids 'tests/starter'")]
    [InlineData(404, "RepoNotFound", "nothing at 'tests/starter' in revision 'main'")]
    [InlineData(404, "RevisionNotFound", "'tests/starter' has no revision 'main'")]
    public async Task Describe_Refused_SaysWhyAndWhatToDo(int status, string code, string message)
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Server.Status("api/tests/starter", status, response => response.Headers["X-Error-Code"] = code);

        var error = await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(ct: Ct));

        Assert.Equal(status == 404 ? HubFailure.NotFound : HubFailure.AccessDenied, error.Failure);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Empty(rig.Pauses);
    }

    [Fact]
    public async Task Download_WithToken_GivesItToTheHubAndToNobodyElse()
    {
        await using var rig = await HubRig.CreateAsync(token: "hf_fromTheEnvironment");
        rig.Server.WantedToken = "hf_secret";
        Assert.Contains("refuses the token", (await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(ct: Ct))).Message, StringComparison.Ordinal);
        rig.Server.HubRequests.Clear();

        await rig.DownloadAsync(token: "hf_secret", ct: Ct);

        Assert.All(rig.Server.HubRequests, request => Assert.Equal("Bearer hf_secret", request.Authorization));
        Assert.NotEmpty(rig.Server.ElsewhereRequests);
        Assert.All(rig.Server.ElsewhereRequests, request => Assert.Null(request.Authorization));
    }

    [Fact]
    public async Task Describe_TokenOverPlainHttpToAnotherMachine_IsNotSent()
    {
        await using var rig = await HubRig.CreateAsync();
        using var client = rig.NewClient(rig.Options with { Endpoint = new Uri("http://hub.example.invalid/") });

        var error = await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(client, token: "hf_secret", ct: Ct));

        Assert.Contains("The token is not sent to hub.example.invalid", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Download_TooLittleRoom_IsRefusedBeforeTheWeightsCome()
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Disk.Free = HubDisk.Reserve + 3_000_000;

        var error = await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(ct: Ct));

        Assert.Equal(HubFailure.DiskFull, error.Failure);
        Assert.Contains("67 MiB free", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(rig.Server.ElsewhereRequests, request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Download_DiskFillsUp_SaysSoAndGoesOnOnceThereIsRoom()
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Disk.FullAfter = 2_000_000;

        var error = await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(ct: Ct));
        Assert.Equal(HubFailure.DiskFull, error.Failure);
        Assert.Contains("The disk is full: 'model.safetensors'", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(rig.Target));
        long kept = new FileInfo(Path.Combine(rig.Stage, "model.safetensors.part")).Length;

        rig.Disk.FullAfter = null;
        rig.Server.ElsewhereRequests.Clear();
        await rig.DownloadAsync(progress: new HubProgress(), ct: Ct);

        Assert.Equal($"bytes={kept}-", rig.Server.ElsewhereRequests.Single(request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal)).Range);
    }

    [Fact]
    public async Task Download_InspectionRefuses_NoWeightsCome()
    {
        await using var rig = await HubRig.CreateAsync();

        await Assert.ThrowsAsync<NotSupportedException>(() => rig.DownloadAsync(inspect: folder =>
        {
            Assert.True(File.Exists(Path.Combine(folder, "config.json")));
            throw new NotSupportedException();
        }, ct: Ct));

        Assert.DoesNotContain(rig.Server.HubRequests, request => request.Path.EndsWith("model.safetensors", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("siblings", "null", "'siblings' is not a list of files")]
    [InlineData("sha", "\"main\"", "'sha' is not a commit")]
    [InlineData("siblings", "[{\"size\":1}]", "a file has no 'rfilename'")]
    public async Task Describe_AnswerWithoutSense_IsRefused(string member, string value, string message)
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Server.Describing = answer => answer[member] = JsonNode.Parse(value);

        var error = await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(ct: Ct));

        Assert.Equal(HubFailure.BadAnswer, error.Failure);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("size", "gives no size for 'config.json'")]
    [InlineData("blobId", "gives no checksum for 'config.json'")]
    public async Task Download_FileThatCannotBeChecked_IsRefused(string member, string message)
    {
        await using var rig = await HubRig.CreateAsync();
        rig.Server.Describing = answer => answer["siblings"]!.AsArray().Single(file => (string?)file!["rfilename"] == "config.json")!.AsObject().Remove(member);

        Assert.Contains(message, (await Assert.ThrowsAsync<HubException>(() => rig.DownloadAsync(ct: Ct))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(rig.Stage));
    }
}
