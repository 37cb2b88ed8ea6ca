using System.Text.Json;

namespace Studio.Core.Hub;

/// <summary>Which files of a model's repository the studio needs: config, tokenizer, template, card and safetensors; nothing that runs code when it is opened.</summary>
public static class ModelFiles
{
    /// <summary>Name of the weight file of a model that is not sharded.</summary>
    public const string Weights = "model.safetensors";

    /// <summary>Name of the list of shards.</summary>
    public const string Index = "model.safetensors.index.json";

    private const long LargestIndex = 64L << 20;
    private const long LargestSmallFile = 512L << 20;

    private static readonly string[] Small =
    [
        "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model",
        "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "chat_template.jinja", "chat_template.json", "README.md", "LICENSE", "LICENSE.txt", "LICENSE.md",
    ];

    private static readonly string[] Pickled = [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"];
    private static readonly string[] Foreign = [".gguf", ".onnx", ".h5", ".msgpack", ".mlpackage", ".npz"];

    /// <summary>The small files, config.json first, and the list of shards where the weights have one. They come first: they tell whether the rest is worth it.</summary>
    /// <exception cref="HubException">The repository holds no model that the studio can use; the message says what it holds instead.</exception>
    public static IReadOnlyList<HubFile> Descriptions(HubRepoInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        if (info.Find("config.json") is null) throw new HubException(HubFailure.Unusable, $"'{info.Repo.Id}' has no config.json: it is not a model in the layout of the transformers library.");
        if (info.Find(Weights) is null && info.Find(Index) is null) throw new HubException(HubFailure.Unusable, NoWeights(info));
        var names = info.Find(Weights) is null ? Small.Append(Index) : Small;
        var templates = info.Files.Where(file => file.Name.StartsWith("additional_chat_templates/", StringComparison.Ordinal) && file.Name.EndsWith(".jinja", StringComparison.Ordinal));
        HubFile[] files = [.. names.Select(info.Find).OfType<HubFile>(), .. templates];
        return files.FirstOrDefault(file => file.Bytes > LargestSmallFile) is { } large
            ? throw new HubException(HubFailure.Unusable, $"'{large.Name}' of '{info.Repo.Id}' has {large.Bytes} bytes; expected at most {LargestSmallFile}.")
            : files;
    }

    /// <summary>The weight files.</summary>
    /// <param name="info">The repository.</param>
    /// <param name="folder">Folder with the list of shards, where there is one.</param>
    /// <exception cref="HubException">The list is unsound or names files that the repository does not have.</exception>
    public static IReadOnlyList<HubFile> WeightFiles(HubRepoInfo info, string folder)
    {
        ArgumentNullException.ThrowIfNull(info);
        if (info.Find(Weights) is { } single) return [single];
        string path = Path.Combine(folder, Index);
        if (new FileInfo(path).Length > LargestIndex) throw new HubException(HubFailure.Unusable, $"'{Index}' of '{info.Repo.Id}' has more than {LargestIndex} bytes.");
        try
        {
            using var index = JsonDocument.Parse(File.ReadAllBytes(path));
            return [.. index.RootElement.GetProperty("weight_map").EnumerateObject().Select(entry => entry.Value.GetString() ?? "").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(name => Shard(info, name))];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new HubException(HubFailure.Unusable, $"'{Index}' of '{info.Repo.Id}' is not a weight index: {error.Message}", error);
        }
    }

    private static HubFile Shard(HubRepoInfo info, string name)
    {
        if (!HubFileName.IsSafe(name) || name.Contains('/', StringComparison.Ordinal) || !name.EndsWith(".safetensors", StringComparison.Ordinal))
            throw new HubException(HubFailure.Unusable, $"'{Index}' of '{info.Repo.Id}' names a weight file that is not a safetensors file beside it.");
        return info.Find(name) ?? throw new HubException(HubFailure.Unusable, $"'{Index}' of '{info.Repo.Id}' names '{name}', which the repository does not have.");
    }

    private static string NoWeights(HubRepoInfo info)
    {
        var pickled = info.Files.Where(file => Has(file, Pickled) && !file.Name.Contains("training_args", StringComparison.Ordinal)).ToList();
        if (pickled.Count > 0)
            return $"'{info.Repo.Id}' has only pickle weights ({pickled[0].Name}), which can run code when they are opened; the studio never opens them. Look for a revision or a copy with {Weights}.";
        if (info.Files.FirstOrDefault(file => Has(file, Foreign)) is { } foreign)
            return $"'{info.Repo.Id}' has its weights in another format ({foreign.Name}); the studio reads {Weights}, or shards with {Index}.";
        return info.Find("adapter_model.safetensors") is not null
            ? $"'{info.Repo.Id}' is an adapter, not a base model. Download the base model that its card names."
            : $"'{info.Repo.Id}' has neither {Weights} nor {Index}.";
    }

    private static bool Has(HubFile file, string[] endings) => endings.Any(ending => file.Name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
