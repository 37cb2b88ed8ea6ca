using System.Text.Json;
using Studio.Core.Hub;
using Studio.Tests.Storage;

namespace Studio.Tests.Hub;

/// <summary>What a person or a server writes before it becomes an address or a path.</summary>
public sealed class HubNamesTests
{
    [Theory]
    [InlineData("Qwen/Qwen2.5-0.5B-Instruct", "", "api/models/Qwen/Qwen2.5-0.5B-Instruct/revision/main?blobs=true")]
    [InlineData(" gpt2 ", "refs/pr/1", "api/models/gpt2/revision/refs%2Fpr%2F1?blobs=true")]
    public void Parse_Id_MakesItsAddress(string id, string revision, string path) => Assert.Equal(path, HubRepo.Parse(HubRepoKind.Model, id, revision).InfoPath);

    [Theory]
    [InlineData("")]
    [InlineData("a/b/c")]
    [InlineData("../etc")]
    [InlineData("a/..")]
    [InlineData("a/b?x=1")]
    [InlineData("a/b#x")]
    [InlineData("a\\b")]
    [InlineData("https://huggingface.co/a/b")]
    [InlineData("ä/b")]
    [InlineData("/a")]
    public void Parse_NoId_IsRefused(string id)
    {
        Assert.Equal(HubFailure.Malformed, Assert.Throws<HubException>(() => HubRepo.Parse(HubRepoKind.Model, id, "")).Failure);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/../b")]
    [InlineData("a b")]
    [InlineData("-x")]
    public void Parse_NoRevision_IsRefused(string revision) => Assert.Throws<HubException>(() => HubRepo.Parse(HubRepoKind.Dataset, "a/b", revision));

    [Theory]
    [InlineData("config.json")]
    [InlineData("data/train-00000-of-00001.parquet")]
    [InlineData("a b/ü.json")]
    [InlineData("console.json")]
    public void PathOf_SoundName_LiesInTheFolder(string name) =>
        Assert.StartsWith("/stage" + Path.DirectorySeparatorChar, HubFileName.PathOf("/stage", name), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData("./a")]
    [InlineData("..\\x")]
    [InlineData("C:\\x")]
    [InlineData("C:x")]
    [InlineData("a:stream")]
    [InlineData(".ssh/config")]
    [InlineData("a/.hidden")]
    [InlineData("nul")]
    [InlineData("NUL.json")]
    [InlineData("com1.txt")]
    [InlineData("a/LPT9")]
    [InlineData("a.")]
    [InlineData("a ")]
    [InlineData("a\0b")]
    [InlineData("a\nb")]
    [InlineData("a\u0085b")]
    public void PathOf_NameThatLeadsElsewhere_IsRefused(string name)
    {
        Assert.False(HubFileName.IsSafe(name));
        var error = Assert.Throws<HubException>(() => HubFileName.PathOf("/stage", name));
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Fact]
    public void From_Environment_FollowsTheVariablesOfTheLibraries()
    {
        using var folder = new TestDirectory();
        File.WriteAllText(folder.File("token"), "hf_saved\n");
        var variables = new Dictionary<string, string?> { ["HF_HOME"] = folder.Root, ["HF_ENDPOINT"] = "https://mirror.example/hub/" };

        var options = HubOptions.From(variables.GetValueOrDefault, "/home/someone");
        Assert.Equal(("https://mirror.example/hub/", folder.File("hub"), "hf_saved"), (options.Endpoint.ToString(), options.CacheFolder, options.Token));

        variables["HF_TOKEN"] = "hf_named";
        variables["HF_HUB_CACHE"] = "~/elsewhere";
        options = HubOptions.From(variables.GetValueOrDefault, "/home/someone");
        Assert.Equal(("/home/someone/elsewhere", "hf_named"), (options.CacheFolder, options.Token));
    }

    [Fact]
    public void From_EmptyEnvironment_IsTheHubAndTheUsersCache()
    {
        var options = HubOptions.From(_ => null, "/nobody/here");
        Assert.Equal(("https://huggingface.co/", Path.Combine("/nobody/here", ".cache", "huggingface", "hub"), null), (options.Endpoint.ToString(), options.CacheFolder, options.Token));
        Assert.Null(HubOptions.From(_ => null, "").CacheFolder);
        Assert.Equal(Path.Combine("/xdg", "huggingface", "hub"), HubOptions.From(name => name == "XDG_CACHE_HOME" ? "/xdg" : null, "/nobody/here").CacheFolder);
    }

    [Theory]
    [InlineData("ftp://x")]
    [InlineData("huggingface.co")]
    [InlineData("https://user:pass@x/")]
    [InlineData("https://x/?a=b")]
    public void ParseEndpoint_NoWebAddress_IsRefusedWithoutItsText(string endpoint)
    {
        var error = Assert.Throws<HubException>(() => HubOptions.ParseEndpoint(endpoint));
        // It may hold a password.
        Assert.DoesNotContain("pass", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ModelFiles_Index_NamesOnlySafetensorsBesideIt()
    {
        using var folder = new TestDirectory();
        var info = Info("config.json", ModelFiles.Index, "model-1.safetensors", "model-2.safetensors", "other.safetensors", "pytorch_model.bin");
        Write("""{"weight_map":{"b":"model-2.safetensors","a":"model-1.safetensors","c":"model-1.safetensors"}}""");

        Assert.Equal(["config.json", ModelFiles.Index], ModelFiles.Descriptions(info).Select(file => file.Name));
        Assert.Equal(["model-1.safetensors", "model-2.safetensors"], ModelFiles.WeightFiles(info, folder.Root).Select(file => file.Name));
        foreach (string name in new[] { "../x.safetensors", "sub/x.safetensors", "pytorch_model.bin", "model-3.safetensors", "" })
        {
            Write("{\"weight_map\":{\"a\":" + JsonSerializer.Serialize(name) + "}}");
            Assert.Equal(HubFailure.Unusable, Assert.Throws<HubException>(() => ModelFiles.WeightFiles(info, folder.Root)).Failure);
        }
        Write("{}");
        Assert.Contains("is not a weight index", Assert.Throws<HubException>(() => ModelFiles.WeightFiles(info, folder.Root)).Message, StringComparison.Ordinal);

        void Write(string text) => File.WriteAllText(folder.File(ModelFiles.Index), text);
    }

    [Theory]
    [InlineData("has only pickle weights (pytorch_model.bin)", "config.json", "pytorch_model.bin")]
    [InlineData("in another format (model.gguf)", "config.json", "model.gguf")]
    [InlineData("is an adapter", "config.json", "adapter_model.safetensors")]
    [InlineData("has no config.json", "model.safetensors")]
    [InlineData("has neither", "config.json")]
    public void ModelFiles_NothingToUse_SaysWhatIsThereInstead(string message, params string[] files) =>
        Assert.Contains(message, Assert.Throws<HubException>(() => ModelFiles.Descriptions(Info(files))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("---\nlicense: apache-2.0\ntags:\n- a\n---\n# My model\ntext", "My model", "apache-2.0", null)]
    [InlineData("---\r\nlicense: other\r\nlicense_name: \"qwen # research\"\r\nlicense_link: https://x/LICENSE # see\r\n---\r\n", null, "qwen # research", "https://x/LICENSE")]
    [InlineData("---\nmodel_name: Named\nlicense: [a, b]\n---\n# Title", "Named", null, null)]
    [InlineData("# Only text", "Only text", null, null)]
    [InlineData("---\nlicense: mit", null, "mit", null)]
    [InlineData("", null, null, null)]
    public void ModelCard_Head_IsRead(string text, string? title, string? license, string? link) => Assert.Equal(new ModelCard(title, license, link), ModelCard.Parse(text));

    private static HubRepoInfo Info(params string[] files) => new(HubRepo.Parse(HubRepoKind.Model, "a/b", TestHub.Commit), [.. files.Select(name => new HubFile(name, 10, null, new string('a', 40)))], null, default);
}
