using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>
/// Adapter folders as the PEFT library reads and writes them: <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>.
/// Nothing is ever unpickled.
/// </summary>
public static class PeftFormat
{
    /// <summary>What PEFT puts in front of every module name.</summary>
    public const string KeyPrefix = "base_model.model.";

    /// <summary>The settings file.</summary>
    public const string ConfigFile = "adapter_config.json";

    /// <summary>The tensors.</summary>
    public const string WeightsFile = "adapter_model.safetensors";

    /// <summary>What PEFT does not store and further training needs. Other programs ignore it.</summary>
    public const string ContinuationFile = "studio_continuation.safetensors";

    /// <summary>The studio's own settings, where adapter_config.json cannot hold them all. Other programs ignore it.</summary>
    public const string SettingsFile = "studio_settings.json";

    private const string PeftVersion = "0.18.1";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads the settings of an adapter folder.</summary>
    /// <exception cref="FileNotFoundException">No adapter_config.json, or only a pickle file beside it.</exception>
    /// <exception cref="NotSupportedException">A method or setting that is not supported; the message names it.</exception>
    public static AdapterSpec ReadSpec(string folder)
    {
        string path = Path.Combine(folder, ConfigFile), own = Path.Combine(folder, SettingsFile);
        if (!File.Exists(path)) throw new FileNotFoundException($"'{folder}' is not an adapter folder: it has no {ConfigFile}.", path);
        if (File.Exists(own)) return ReadOwn(own);
        var config = ConfigReader.Open(path);
        string type = config.Text("peft_type") ?? throw config.Wrong("peft_type", "missing", "a PEFT method such as LORA");
        var method = AdapterMethods.ForPeftType(type);
        return method.Settings.Aggregate(method.Defaults, (spec, setting) => setting.Read(config, spec));
    }

    /// <summary>Name of a module's tensor in adapter_model.safetensors.</summary>
    public static string Key(ModuleTarget module, string suffix)
    {
        ArgumentNullException.ThrowIfNull(module);
        return $"{KeyPrefix}{module.Name}.{suffix}";
    }

    /// <summary>Loads an adapter onto a model. Every tensor must be applied and every value must be there.</summary>
    /// <exception cref="InvalidDataException">File and model do not fit; the message lists the tensors and shapes.</exception>
    public static IAdapter Load(string folder, AdapterSite site)
    {
        string weights = Path.Combine(folder, WeightsFile), continuation = Path.Combine(folder, ContinuationFile);
        if (!File.Exists(weights))
        {
            string pickle = Path.Combine(folder, "adapter_model.bin");
            throw new FileNotFoundException(File.Exists(pickle)
                ? $"'{pickle}' is a pickle file, which can run code when it is opened; save the adapter as {WeightsFile} instead."
                : $"'{folder}' has no {WeightsFile}.", weights);
        }
        var spec = ReadSpec(folder);
        bool continues = File.Exists(continuation);
        using var stored = SafeTensorsFile.Open(weights);
        spec = AdapterMethods.Named(spec.Method).Observe(spec, stored.Header.Tensors.ToDictionary(entry => entry.Key, entry => entry.Value.Shape, StringComparer.Ordinal));
        var adapter = AdapterMethods.Build(continues ? spec : spec.AsStored(), site);
        try
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            using var rest = continues ? SafeTensorsFile.Open(continuation) : null;
            var import = new AdapterImport(stored, rest);
            adapter.Import(import);
            import.RequireComplete();
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Names the content of an adapter folder: another name for other values or settings.</summary>
    /// <exception cref="IOException">A file could not be read.</exception>
    public static string ContentOf(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in (string[])[ConfigFile, SettingsFile, WeightsFile, ContinuationFile])
        {
            string path = Path.Combine(folder, name);
            if (!File.Exists(path)) continue;
            using var file = File.OpenRead(path);
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(SHA256.HashData(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Writes the files into an existing folder. The caller makes the folder appear atomically.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="folder">Target folder.</param>
    /// <param name="baseModel">Name or path of the base model.</param>
    /// <param name="forContinuation">Whether to write what further training here needs and PEFT does not read.</param>
    public static void Save(IAdapter adapter, string folder, string baseModel, bool forContinuation = true)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var export = new AdapterExport();
        adapter.Export(export);
        WriteConfig(export.Spec ?? adapter.Spec, Path.Combine(folder, ConfigFile), baseModel);
        if (forContinuation && (export.Spec is not null || HasOwnSettings(adapter.Spec))) Flush(Path.Combine(folder, SettingsFile), Encoding.UTF8.GetBytes(AdapterSpecJson.Write(adapter.Spec)));
        Write(export.Weights, Path.Combine(folder, WeightsFile));
        if (forContinuation && export.Continuation.Count > 0) Write(export.Continuation, Path.Combine(folder, ContinuationFile));
    }

    private static void WriteConfig(AdapterSpec spec, string path, string baseModel)
    {
        var method = AdapterMethods.Named(spec.Method);
        var config = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal)
        {
            ["auto_mapping"] = null,
            ["base_model_name_or_path"] = baseModel,
            ["inference_mode"] = true,
            ["peft_type"] = method.FileType,
            ["peft_version"] = PeftVersion,
            ["revision"] = null,
            ["task_type"] = "CAUSAL_LM",
        };
        foreach (var setting in method.Settings.Where(setting => setting.Key is not null && setting.IsWritten(spec)))
            config[setting.Key!] = setting.WriteFor is { } write ? write(spec, baseModel) : setting.Write(spec);
        Flush(path, JsonSerializer.SerializeToUtf8Bytes(config, Indented));
    }

    private static void Flush(string path, byte[] content)
    {
        using var file = new FileStream(path, FileMode.Create);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    // Settings without a key in PEFT's config, such as the learning rates of LoRA+.
    private static bool HasOwnSettings(AdapterSpec spec)
    {
        var method = AdapterMethods.Named(spec.Method);
        return method.PeftType is not null && method.Settings.Any(setting => setting is { Key: null, Field: { } field } && !Equals(field.Get(spec), field.Get(method.Defaults)));
    }

    private static AdapterSpec ReadOwn(string path)
    {
        try
        {
            return AdapterSpecJson.Read(File.ReadAllText(path));
        }
        catch (Exception error) when (error is JsonException or NotSupportedException)
        {
            throw new InvalidDataException($"'{path}' does not hold the settings of an adapter: {error.Message}", error);
        }
    }

    // In the order of the reference writer: wide element types first, so that all of them lie aligned, then by name.
    private static void Write(Dictionary<string, Tensor> tensors, string path) =>
        SafeTensorsFile.Write(path, [.. tensors.OrderByDescending(entry => SafeTensorTypes.Order(entry.Value.dtype)).ThenBy(entry => entry.Key, StringComparer.Ordinal)]);
}
