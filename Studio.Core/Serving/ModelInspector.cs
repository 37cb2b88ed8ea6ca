using System.Globalization;
using Studio.Core.Hub;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using Studio.Core.Text;
using Studio.Core.Text.Templates;

namespace Studio.Core.Serving;

/// <summary>Reads what describes a model without touching its weights.</summary>
internal static class ModelInspector
{
    private const int MostFiles = 500;

    /// <summary>Refuses a model whose config or tokenizer is not supported, before its weights are there.</summary>
    /// <param name="folder">Folder with its small files.</param>
    /// <param name="name">Name for people.</param>
    /// <exception cref="StudioException">It is not supported.</exception>
    public static void Require(string folder, string name)
    {
        try
        {
            var config = ReadConfig(folder);
            int tokens = TextTokenizer.Load(folder).VocabularySize;
            if (tokens > config.Vocabulary) throw new InvalidDataException($"the tokenizer has {tokens} tokens, the model {config.Vocabulary}");
        }
        catch (Exception error) when (IsRefusal(error))
        {
            throw new StudioException($"'{name}' cannot be used: {error.Message.Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace(folder, name, StringComparison.Ordinal)}", inner: error);
        }
    }

    /// <summary>Reads everything but the weights.</summary>
    public static ModelDetails Read(KnownModel model)
    {
        string folder = model.Record.Folder;
        if (!Directory.Exists(folder)) return new ModelDetails(model, null, $"The folder {folder} is no longer there.", null, null, null, [], []);
        try
        {
            var card = ModelCard.Read(folder);
            var (architecture, problem) = Try(() => Describe(ReadConfig(folder), folder));
            var (templates, templateProblem) = Try(() => ChatTemplateFiles.Read(folder).Templates);
            return new ModelDetails(model, architecture, problem ?? templateProblem, card.Title, card.License, card.LicenseLink,
                [.. (templates ?? new Dictionary<string, string>()).OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => new ModelTemplate(entry.Key, entry.Value))], Files(folder));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new ModelDetails(model, null, $"The folder {folder} cannot be read: {error.Message}", null, null, null, [], []);
        }
    }

    private static (T? Value, string? Problem) Try<T>(Func<T> read) where T : class
    {
        try
        {
            return (read(), null);
        }
        catch (Exception error) when (IsRefusal(error))
        {
            return (null, error.Message);
        }
    }

    private static bool IsRefusal(Exception error) => error is IOException or InvalidDataException or NotSupportedException or ArgumentException or UnauthorizedAccessException;

    private static DecoderConfig ReadConfig(string folder)
    {
        var reader = ConfigReader.Open(Path.Combine(folder, "config.json"));
        return DecoderFamilies.For(reader).ReadConfig(reader);
    }

    private static ModelArchitecture Describe(DecoderConfig config, string folder)
    {
        var experts = Enumerable.Range(0, config.Blocks).Select(i => config.Block(i).Experts).FirstOrDefault(experts => experts is not null);
        return new ModelArchitecture
        {
            Family = config.Family,
            Parameters = config.ParameterCount,
            Layers = config.Blocks,
            Hidden = config.Hidden,
            Heads = config.Heads,
            KeyValueHeads = config.KeyValueHeads,
            HeadWidth = config.HeadWidth,
            MlpWidth = experts?.Width ?? config.MlpWidth,
            Experts = experts?.Count ?? 0,
            ExpertsPerToken = experts?.PerRow ?? 0,
            Vocabulary = config.Vocabulary,
            ContextLength = config.ContextLength,
            Window = Enumerable.Range(0, config.Blocks).Max(i => config.Block(i).Window),
            StoredType = StoredType(config, folder),
            Positions = Positions(config),
            TiedHead = config.TiedHead,
        };
    }

    // The files are right where config.json differs, and it often does.
    private static string StoredType(DecoderConfig config, string folder)
    {
        string? file = Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal).FirstOrDefault();
        if (file is null) return config.StoredType?.ToString().ToLowerInvariant() ?? "unknown";
        using var stored = SafeTensorsFile.Open(file);
        return string.Join(", ", stored.Header.Tensors.Values.GroupBy(tensor => tensor.Type).OrderByDescending(group => group.Sum(tensor => tensor.Length))
            .Select(group => group.Key.ToString().ToLowerInvariant()));
    }

    private static string Positions(DecoderConfig config)
    {
        var rotary = Enumerable.Range(0, config.Blocks).Select(i => config.Block(i).Rotary).OfType<RotaryConfig>().ToList();
        if (rotary.Count == 0) return config.Alibi is not null ? "ALiBi" : config.LearnedPositions > 0 ? "Learned" : "None";
        var texts = rotary.Select(Rope).Distinct(StringComparer.Ordinal).ToList();
        return string.Join("; ", texts) + (rotary.Count < config.Blocks ? $"; none in {config.Blocks - rotary.Count} of {config.Blocks} layers" : "");
    }

    private static string Rope(RotaryConfig rotary)
    {
        string scaling = rotary.Scaling switch
        {
            RotaryScalingKind.None => "",
            RotaryScalingKind.Llama3 => ", Llama 3 scaling",
            RotaryScalingKind.Yarn => ", YaRN",
            RotaryScalingKind.DynamicNtk => ", dynamic NTK",
            RotaryScalingKind.LongRope => ", LongRoPE",
            _ => ", linear scaling",
        };
        string factor = rotary.Scaling is RotaryScalingKind.None or RotaryScalingKind.LongRope ? "" : string.Create(CultureInfo.InvariantCulture, $" ×{rotary.Factor:0.##}");
        string original = rotary.Scaling != RotaryScalingKind.None && rotary.OriginalContext > 0 ? string.Create(CultureInfo.InvariantCulture, $" from {rotary.OriginalContext} tokens") : "";
        return string.Create(CultureInfo.InvariantCulture, $"Rotary, base {rotary.Theta:0.##}{scaling}{factor}{original}");
    }

    private static List<ModelFileInfo> Files(string folder) => [.. new DirectoryInfo(folder)
        .EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2, IgnoreInaccessible = true }).Take(MostFiles)
        .Select(file => new ModelFileInfo(Path.GetRelativePath(folder, file.FullName).Replace('\\', '/'), file.LinkTarget is null ? file.Length : (file.ResolveLinkTarget(true) as FileInfo) is { Exists: true } target ? target.Length : 0))
        .OrderBy(file => file.Name, StringComparer.Ordinal)];
}
