using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Generation;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Core.Text;
using Studio.Tests.Storage;
using Studio.Tests.Support;

namespace Studio.Tests.Serving;

/// <summary>The chat template, special tokens and ends that travel with an adapter.</summary>
public sealed class AdapterChatTests : TensorTest
{
    private static readonly string[] OwnFiles = ["chat_template.jinja", "generation_config.json", "tokenizer_config.json"];

    [Fact]
    public async Task CreateAsync_KeepsTheModelsFormatBesideTheWeights()
    {
        await using var rig = await ServingRig.CreateAsync();
        var (adapter, _) = await CreateAsync(rig);
        string folder = rig.AdapterFolder(adapter.Id);
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors", .. OwnFiles], Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(adapter.Bytes, Directory.EnumerateFiles(folder).Sum(file => new FileInfo(file).Length));
        Assert.Equal(ChatTemplate.ChatMl, await File.ReadAllTextAsync(Path.Combine(folder, "chat_template.jinja")));

        var chat = (await rig.Adapters.ChatAsync(adapter.Id))!;
        Assert.True(chat.IsOwn);
        Assert.Equal(ChatTemplate.ChatMl, Assert.Single(chat.Templates).Value);
        Assert.Equal("<|im_end|>", chat.Tokens["eos_token"]);
        Assert.Contains("<|im_end|>", chat.Stops);
    }

    [Fact]
    public async Task StreamAsync_ModelFolderGotAnotherTemplate_AdapterIsAskedAsBefore()
    {
        await using var rig = await ServingRig.CreateAsync();
        var (adapter, folder) = await CreateAsync(rig);
        await rig.Models.UnloadAsync(adapter.BaseModelId);
        // Another template that asks something else: the base now answers otherwise.
        Change(Path.Combine(folder, "tokenizer_config.json"), json => json["chat_template"] = "{% for m in messages %}Count to ten: one, two{% endfor %}");
        await rig.Models.LoadAsync(folder);
        await using var unchanged = await ServingRig.CreateAsync();
        string before = await AskAsync(unchanged, (await CreateAsync(unchanged)).Adapter, plain: true);
        Assert.Equal(before, await AskAsync(rig, adapter)); // an untrained adapter equals its base
        Assert.NotEqual(before, await AskAsync(rig, adapter, plain: true));
        Assert.True((await rig.Adapters.ChatAsync(adapter.Id))!.IsOwn);
    }

    [Fact]
    public async Task StreamAsync_AdaptersEnds_EndItsAnswers()
    {
        await using var rig = await ServingRig.CreateAsync();
        var (adapter, _) = await CreateAsync(rig);
        string whole = await AskAsync(rig, adapter);
        int second = rig.Models.Models[0].Encoder.Tokenizer.Encode(whole, addSpecialTokens: false)[1];
        Change(Path.Combine(rig.AdapterFolder(adapter.Id), "generation_config.json"), json => json["eos_token_id"] = new JsonArray(second));
        string cut = await AskAsync(rig, adapter);
        Assert.True(cut.Length < whole.Length && whole.StartsWith(cut, StringComparison.Ordinal), $"'{cut}' of '{whole}'");
    }

    [Fact]
    public async Task Save_OfAnAdapterInTraining_KeepsItsFormat()
    {
        await using var rig = await ServingRig.CreateAsync();
        var (adapter, _) = await CreateAsync(rig);
        string[] before = [.. OwnFiles.Select(file => File.ReadAllText(Path.Combine(rig.AdapterFolder(adapter.Id), file)))];
        await using (var lease = await rig.Pool.AcquireAsync(adapter.Id)) rig.Adapters.Save(adapter.Id, lease.Instance.Adapter, "base", lease.Chat!.Format);
        Assert.Equal(before, OwnFiles.Select(file => File.ReadAllText(Path.Combine(rig.AdapterFolder(adapter.Id), file))));
    }

    [Fact]
    public async Task AdapterOfThePreviousVersion_IsAskedAsItsBase()
    {
        await using var rig = await ServingRig.CreateAsync();
        var (adapter, _) = await CreateAsync(rig);
        string before = await AskAsync(rig, adapter);
        // Until now a folder held weights and settings alone.
        foreach (string file in OwnFiles) File.Delete(Path.Combine(rig.AdapterFolder(adapter.Id), file));
        Assert.Equal(before, await AskAsync(rig, adapter));
        var chat = (await rig.Adapters.ChatAsync(adapter.Id))!;
        Assert.False(chat.IsOwn);
        Assert.Equal(ChatTemplate.ChatMl, Assert.Single(chat.Templates).Value);
        using var zip = await ExportAsync(rig, adapter);
        Assert.NotNull(zip.GetEntry("chat_template.jinja"));
    }

    [Fact]
    public async Task ChatAsync_BaseNotLoaded_TellsWhatTheAdapterKeeps()
    {
        await using var rig = await ServingRig.CreateAsync();
        var (adapter, _) = await CreateAsync(rig);
        await rig.Models.UnloadAsync(adapter.BaseModelId);
        Assert.Contains("2", (await rig.Adapters.ChatAsync(adapter.Id))!.Stops);
        foreach (string file in OwnFiles) File.Delete(Path.Combine(rig.AdapterFolder(adapter.Id), file));
        Assert.Null(await rig.Adapters.ChatAsync(adapter.Id));
        await Assert.ThrowsAsync<NotFoundException>(() => rig.Adapters.ChatAsync("nobody"));
    }

    [Fact]
    public async Task ExportAsync_HoldsWhatTransformersLoadsATokenizerFrom()
    {
        await using var rig = await ServingRig.CreateAsync();
        var (adapter, folder) = await CreateAsync(rig);
        using var zip = await ExportAsync(rig, adapter);
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors", "chat_template.jinja", "generation_config.json", "tokenizer.json", "tokenizer_config.json"],
            zip.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        using var exported = new TestDirectory();
        await zip.ExtractToDirectoryAsync(exported.Root);
        using var config = JsonDocument.Parse(await File.ReadAllBytesAsync(exported.File("tokenizer_config.json")));
        Assert.False(config.RootElement.TryGetProperty("chat_template", out _));
        Assert.Equal("PreTrainedTokenizerFast", config.RootElement.GetProperty("tokenizer_class").GetString());
        Assert.Equal(3, config.RootElement.GetProperty("added_tokens_decoder").EnumerateObject().Count());
        // The folder is a tokenizer by itself, which gives the tokens of the model's own.
        ChatMessage[] messages = [new("system", "Be kind."), new("user", "Hi <|im_end|>")];
        Assert.Equal(Encode(folder), Encode(exported.Root));
        using var stops = JsonDocument.Parse(await File.ReadAllBytesAsync(exported.File("generation_config.json")));
        Assert.Contains(2, stops.RootElement.GetProperty("eos_token_id").EnumerateArray().Select(id => id.GetInt32()));

        IReadOnlyList<int> Encode(string path)
        {
            var tokenizer = TextTokenizer.Load(path);
            return new ChatEncoder(tokenizer, ChatTemplate.Load(path, tokenizer)).EncodeChat(messages, addGenerationPrompt: true);
        }
    }

    [Fact]
    public void Write_NamedTemplates_AreReadBack()
    {
        using var model = new TestDirectory();
        foreach (string file in Directory.EnumerateFiles(ServingRig.Starter, "*.json")) File.Copy(file, model.File(Path.GetFileName(file)));
        Change(model.File("tokenizer_config.json"), json => json["chat_template"] = new JsonArray(Named("default", "D{{ eos_token }}"), Named("tool_use", "T"), Named("a/b", "S")));
        var tokenizer = TextTokenizer.Load(model.Root);
        var format = ChatFormat.OfModel(model.Root, tokenizer, [5]);
        using var adapter = new TestDirectory();
        format.Write(adapter.Root);
        var read = ChatFormat.OfAdapter(adapter.Root)!;
        Assert.Equal(["D{{ eos_token }}", "S", "T"], read.Templates.Values.Order());
        Assert.Equal("T", read.Templates["tool_use"]);
        Assert.Equal(format.Tokens, read.Tokens);
        Assert.Equal(format.StopIds, read.StopIds);
        Assert.Contains(5, read.StopIds);

        static JsonObject Named(string name, string template) => new() { ["name"] = name, ["template"] = template };
    }

    [Fact]
    public async Task AcquireAsync_DamagedTemplate_IsRefusedWithItsPlace()
    {
        await using var rig = await ServingRig.CreateAsync();
        var (adapter, _) = await CreateAsync(rig);
        await File.WriteAllTextAsync(Path.Combine(rig.AdapterFolder(adapter.Id), "chat_template.jinja"), "{% if %}");
        string refusal = (await Assert.ThrowsAsync<StudioException>(() => rig.Pool.AcquireAsync(adapter.Id))).Message;
        Assert.StartsWith("The adapter 'pirate' could not be loaded: ", refusal, StringComparison.Ordinal);
        Assert.Contains("line 1", refusal, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(rig.AdapterFolder(adapter.Id), "tokenizer_config.json"), "{");
        Assert.Contains("tokenizer_config.json", (await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.ChatAsync(adapter.Id))).Message, StringComparison.Ordinal);
    }

    private static async Task<(AdapterRecord Adapter, string ModelFolder)> CreateAsync(ServingRig rig)
    {
        string folder = rig.CopyOfStarter();
        var model = await rig.Models.LoadAsync(folder);
        return (await rig.Adapters.CreateAsync("pirate", new LoraSpec { Rank = 2 }, model.Id), folder);
    }

    private static async Task<string> AskAsync(ServingRig rig, AdapterRecord adapter, bool plain = false)
    {
        var request = new ChatRequest
        {
            ModelId = adapter.BaseModelId,
            Panes = [new ChatPane(plain ? null : adapter.Id, [new ChatMessage("user", "Who are you?")])],
            Sampling = new SamplingSettings { Greedy = true, MaxNewTokens = 24 },
        };
        string text = "";
        await foreach (var piece in rig.Chat.StreamAsync(request, TestContext.Current.CancellationToken))
        {
            Assert.NotEqual(FinishReason.Error, piece.Finish);
            text += piece.Text;
        }
        return text;
    }

    private static async Task<ZipArchive> ExportAsync(ServingRig rig, AdapterRecord adapter)
    {
        var stream = new MemoryStream();
        await rig.Adapters.ExportAsync(adapter.Id, stream);
        stream.Position = 0;
        return new ZipArchive(stream);
    }

    private static void Change(string path, Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        change(json);
        File.WriteAllText(path, json.ToJsonString());
    }
}
