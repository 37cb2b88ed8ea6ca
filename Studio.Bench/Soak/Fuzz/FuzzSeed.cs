using System.Buffers.Binary;

namespace Studio.Bench.Soak.Fuzz;

/// <summary>What of the product reads a file.</summary>
internal enum FuzzKind
{
    /// <summary>A .safetensors file, by the checkpoint of a model.</summary>
    Tensors,

    /// <summary>config.json, generation_config.json or the index of shards, by the model.</summary>
    Config,

    /// <summary>tokenizer.json and what lies beside it.</summary>
    Tokenizer,

    /// <summary>A chat template by itself.</summary>
    Template,
}

/// <summary>A sound file that mutations begin with.</summary>
/// <param name="Kind">What reads it.</param>
/// <param name="Path">Where it is; what else the loaders need lies beside it.</param>
internal sealed record FuzzSeed(FuzzKind Kind, string Path)
{
    private static readonly string[] Kinds = ["models", "tokenizers"];
    private static readonly string[] ModelFiles = ["config.json", "generation_config.json", "model.safetensors.index.json"];
    private static readonly string[] TokenizerFiles =
        ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model"];
    private readonly Lazy<(byte[] Bytes, JsonPlace? Json)> _content = new(() => Read(Path));

    /// <summary>Its bytes.</summary>
    public byte[] Bytes => _content.Value.Bytes;

    /// <summary>Its JSON (of a .safetensors file, that of the header); null where it has none.</summary>
    public JsonPlace? Json => _content.Value.Json;

    /// <summary>The small files below folders in the layout of the fixtures (models/, tokenizers/, chat_templates/) and of model folders themselves.</summary>
    /// <param name="folders">The folders.</param>
    /// <param name="mostBytes">Files above this are left alone.</param>
    /// <exception cref="DirectoryNotFoundException">There is nothing to begin with.</exception>
    public static IReadOnlyList<FuzzSeed> Find(IEnumerable<string> folders, long mostBytes = 8_000_000)
    {
        var seeds = folders.SelectMany(Below).Where(seed => new FileInfo(seed.Path).Length <= mostBytes).OrderBy(seed => seed.Path, StringComparer.Ordinal).ToList();
        return seeds.Count > 0 ? seeds : throw new DirectoryNotFoundException($"There is no model, tokenizer or chat template below {string.Join(" or ", folders)}.");
    }

    private static IEnumerable<FuzzSeed> Below(string folder)
    {
        if (!Directory.Exists(folder)) return [];
        string templates = System.IO.Path.Combine(folder, "chat_templates");
        return [
            .. Of(folder),
            .. Kinds.Select(kind => System.IO.Path.Combine(folder, kind)).Where(Directory.Exists).SelectMany(Directory.EnumerateDirectories).SelectMany(Of),
            .. Directory.Exists(templates) ? Directory.EnumerateFiles(templates, "*.jinja").Select(file => new FuzzSeed(FuzzKind.Template, file)) : [],
        ];
    }

    private static IEnumerable<FuzzSeed> Of(string folder)
    {
        bool model = File.Exists(System.IO.Path.Combine(folder, "config.json"));
        return [
            .. Files(model ? ModelFiles : []).Select(file => new FuzzSeed(FuzzKind.Config, file)),
            .. (model ? Directory.EnumerateFiles(folder, "model*.safetensors") : []).Select(file => new FuzzSeed(FuzzKind.Tensors, file)),
            .. Files(TokenizerFiles).Select(file => new FuzzSeed(FuzzKind.Tokenizer, file)),
        ];

        IEnumerable<string> Files(string[] names) => names.Select(name => System.IO.Path.Combine(folder, name)).Where(File.Exists);
    }

    private static (byte[], JsonPlace?) Read(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        return (bytes, System.IO.Path.GetExtension(path) switch
        {
            ".json" => JsonPlace.Read(bytes),
            ".safetensors" => JsonPlace.Read(bytes.AsSpan(8, (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes)), 8),
            _ => null,
        });
    }
}
