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

    private const string PeftVersion = "0.18.1";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads the settings of an adapter folder.</summary>
    /// <exception cref="FileNotFoundException">No adapter_config.json, or only a pickle file beside it.</exception>
    /// <exception cref="NotSupportedException">A method or setting that is not supported; the message names it.</exception>
    public static AdapterSpec ReadSpec(string folder)
    {
        string path = Path.Combine(folder, ConfigFile);
        if (!File.Exists(path)) throw new FileNotFoundException($"'{folder}' is not an adapter folder: it has no {ConfigFile}.", path);
        var config = ConfigReader.Open(path);
        string type = config.Text("peft_type") ?? throw config.Wrong("peft_type", "missing", "a PEFT method such as LORA");
        return AdapterMethods.ForPeftType(type).ReadConfig(config);
    }

    /// <summary>Loads an adapter onto a model. Every tensor must be applied and every value must be there.</summary>
    /// <exception cref="InvalidDataException">File and model do not fit; the message lists the tensors and shapes.</exception>
    public static IAdapter Load(string folder, ModuleMap modules, Device device)
    {
        string weights = Path.Combine(folder, WeightsFile);
        if (!File.Exists(weights))
        {
            string pickle = Path.Combine(folder, "adapter_model.bin");
            throw new FileNotFoundException(File.Exists(pickle)
                ? $"'{pickle}' is a pickle file, which can run code when it is opened; save the adapter as {WeightsFile} instead."
                : $"'{folder}' has no {WeightsFile}.", weights);
        }
        var adapter = AdapterMethods.Build(ReadSpec(folder), modules, device);
        try
        {
            using var file = SafeTensorsFile.Open(weights);
            Fill(adapter.Parameters, file);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    /// <summary>Writes both files into an existing folder. The caller makes the folder appear atomically.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="folder">Target folder.</param>
    /// <param name="baseModel">Name or path of the base model.</param>
    public static void Save(IAdapter adapter, string folder, string baseModel)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        var method = AdapterMethods.Named(adapter.Spec.Method);
        var config = new JsonObject
        {
            ["auto_mapping"] = null,
            ["base_model_name_or_path"] = baseModel,
            ["inference_mode"] = true,
            ["peft_type"] = method.PeftType,
            ["peft_version"] = PeftVersion,
            ["revision"] = null,
            ["task_type"] = "CAUSAL_LM",
        };
        method.WriteConfig(adapter.Spec, config);
        var sorted = new JsonObject(config.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, entry.Value?.DeepClone())));
        using (var file = new FileStream(Path.Combine(folder, ConfigFile), FileMode.Create))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(sorted, Indented));
            file.Flush(flushToDisk: true);
        }
        var tensors = adapter.Parameters.Entries.OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .Select(entry => KeyValuePair.Create(entry.Name, adapter.Parameters[entry.Name])).ToList();
        SafeTensorsFile.Write(Path.Combine(folder, WeightsFile), tensors);
    }

    private static void Fill(FlatParameters parameters, SafeTensorsFile file)
    {
        var problems = new List<string>();
        var known = parameters.Entries.ToDictionary(entry => entry.Name);
        foreach (var info in file.Header.Tensors.Values)
        {
            if (!known.TryGetValue(info.Name, out var entry)) problems.Add($"{info.Name} has no place in this base model");
            else if (!entry.Shape.AsSpan().SequenceEqual(info.Shape)) problems.Add($"{info.Name} is [{string.Join(", ", info.Shape)}], the base model needs [{string.Join(", ", entry.Shape)}]");
        }
        problems.AddRange(known.Keys.Where(name => !file.Header.Tensors.ContainsKey(name)).Select(name => $"{name} is missing"));
        if (problems.Count > 0)
            throw new InvalidDataException($"'{file.Header.Path}' does not fit the base model: {string.Join("; ", problems.Take(10))}{(problems.Count > 10 ? $"; and {problems.Count - 10} more" : "")}.");
        using var grad = no_grad();
        foreach (string name in known.Keys)
        {
            using var stored = file.Map(name);
            parameters[name].copy_(stored);
        }
    }
}
