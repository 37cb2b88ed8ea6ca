using Studio.Core.Hub;
using Studio.Tests.Storage;

namespace Studio.Tests.Hub;

/// <summary>The local cache as the huggingface_hub library lays it out: links into blobs, refs with commits.</summary>
public sealed class HubCacheTests
{
    [Fact]
    public void List_Cache_ShowsSnapshotsWithRefsSizesAndWhatIsMissing()
    {
        using var cache = new TestDirectory();
        Add(cache, "models--Qwen--Qwen2.5-0.5B", "aaaa", ["main", "refs/pr/1"], ("config.json", 10), ("model.safetensors", 5000));
        Add(cache, "models--gpt2", "bbbb", [], ("config.json", 10), ("pytorch_model.bin", 5000));
        Add(cache, "models--a--half", "cccc", ["main"], ("config.json", 10), ("model.safetensors.index.json", 10), ("model-1.safetensors", 100), ("model-2.safetensors", -1));
        Add(cache, "models--a--tokenizer", "dddd", ["main"], ("config.json", 10));
        Add(cache, "datasets--a--rows", "eeee", ["main"], ("train.jsonl", 10));
        Directory.CreateDirectory(cache.File("models--empty"));
        Directory.CreateDirectory(cache.File(".locks"));

        var models = HubCache.List(cache.Root);

        Assert.Equal(["a/half", "a/tokenizer", "gpt2", "Qwen/Qwen2.5-0.5B"], models.Select(model => model.Id));
        Assert.Equal("Its download is not finished.", models[0].Problem);
        Assert.Equal("Its weights are not in the cache.", models[1].Problem);
        Assert.Equal("It has only pickle weights, which the studio never opens.", models[2].Problem);
        Assert.Null(models[3].Problem);
        Assert.Equal((5000L, "aaaa"), (models[3].Bytes, models[3].Commit));
        Assert.Equal(["main", "refs/pr/1"], models[3].Refs);
        Assert.Equal(("Qwen/Qwen2.5-0.5B", "aaaa"), HubCache.Identify(models[3].Folder + Path.DirectorySeparatorChar));
    }

    [Fact]
    public void List_NoCache_HasNothing()
    {
        Assert.Empty(HubCache.List(null));
        Assert.Empty(HubCache.List("/no/such/folder"));
        Assert.Null(HubCache.Identify("/models/starter"));
    }

    /// <summary>Lays a repository out; a size below zero is a link to nothing.</summary>
    internal static string Add(TestDirectory cache, string repo, string commit, string[] refs, params (string Name, int Bytes)[] files)
    {
        string root = cache.File(repo), snapshot = Path.Combine(root, "snapshots", commit);
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(Path.Combine(root, "blobs"));
        foreach (var (name, bytes) in files)
        {
            string blob = Path.Combine(root, "blobs", $"blob-{name}");
            if (bytes >= 0) File.WriteAllBytes(blob, new byte[bytes]);
            File.CreateSymbolicLink(Path.Combine(snapshot, name), Path.Combine("..", "..", "blobs", $"blob-{name}"));
        }
        foreach (string name in refs)
        {
            string file = Path.Combine(root, "refs", name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, commit);
        }
        return snapshot;
    }
}
