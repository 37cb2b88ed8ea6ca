using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>A checkpoint folder in Hugging Face layout: config.json and one safetensors file, or shards with an index. Mapped, never copied.</summary>
public sealed class Checkpoint : IDisposable
{
    private readonly List<SafeTensorsFile> _files;
    private readonly Dictionary<string, SafeTensorsFile> _owners;

    private Checkpoint(string folder, DecoderFamily family, DecoderConfig config, List<SafeTensorsFile> files, Dictionary<string, SafeTensorsFile> owners)
    {
        Folder = folder;
        Family = family;
        Config = config;
        _files = files;
        _owners = owners;
        Fingerprint = ComputeFingerprint();
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The family its config names.</summary>
    public DecoderFamily Family { get; }

    /// <summary>Its config.</summary>
    public DecoderConfig Config { get; }

    /// <summary>Bytes of all weight files.</summary>
    public long Bytes => _files.Sum(file => file.Header.FileBytes);

    /// <summary>
    /// SHA-256 (32 hex digits of it) over every tensor's name, type, shape and three samples of 16 KiB (start, middle, end). Adapters and runs
    /// name their base by it.
    /// </summary>
    public string Fingerprint { get; }

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> TensorNames => _owners.Keys;

    /// <summary>Opens and checks a folder.</summary>
    /// <param name="folder">Hugging Face layout.</param>
    /// <param name="configFile">Name of the config within the folder.</param>
    /// <exception cref="DirectoryNotFoundException">No such folder.</exception>
    /// <exception cref="FileNotFoundException">config.json or weights are missing.</exception>
    /// <exception cref="InvalidDataException">A file is unsound, or tensors are missing, extra or mis-shaped: the message lists them.</exception>
    /// <exception cref="NotSupportedException">The family is not supported.</exception>
    public static Checkpoint Open(string folder, string configFile = "config.json")
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"The model folder '{folder}' does not exist.");
        var reader = ConfigReader.Open(Path.Combine(folder, configFile));
        var family = DecoderFamilies.For(reader);
        var config = family.ReadConfig(reader);
        if (config.KeyValueHeads < 1 || config.Heads % config.KeyValueHeads != 0)
            throw reader.Wrong("num_key_value_heads", config.KeyValueHeads, $"a divisor of the {config.Heads} attention heads");
        var files = new List<SafeTensorsFile>();
        try
        {
            foreach (string path in WeightFiles(folder)) files.Add(SafeTensorsFile.Open(path));
            var owners = new Dictionary<string, SafeTensorsFile>(StringComparer.Ordinal);
            foreach (var file in files)
                foreach (string name in file.Header.Tensors.Keys)
                    if (!owners.TryAdd(name, file)) throw new InvalidDataException($"'{folder}': tensor '{name}' is in two files.");
            CheckTensors(folder, family, config, owners);
            return new Checkpoint(folder, family, config, files, owners);
        }
        catch
        {
            foreach (var file in files) file.Dispose();
            throw;
        }
    }

    /// <summary>A tensor by name, as stored; the caller disposes it.</summary>
    public Tensor Map(string name) =>
        _owners.TryGetValue(name, out var file) ? file.Map(name) : throw new KeyNotFoundException($"'{Folder}' has no tensor '{name}'.");

    /// <summary>Stored type of a tensor.</summary>
    public ScalarType TypeOf(string name) => _owners[name].Header.Tensors[name].Type;

    /// <summary>Whether the checkpoint holds a tensor.</summary>
    public bool Has(string name) => _owners.ContainsKey(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
    }

    private static List<string> WeightFiles(string folder)
    {
        string single = Path.Combine(folder, "model.safetensors"), index = single + ".index.json";
        if (File.Exists(single)) return [single];
        if (!File.Exists(index)) throw new FileNotFoundException($"'{folder}' holds neither model.safetensors nor model.safetensors.index.json.", single);
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(index));
            var names = json.RootElement.GetProperty("weight_map").EnumerateObject().Select(entry => entry.Value.GetString() ?? "").Distinct(StringComparer.Ordinal);
            return [.. names.Order(StringComparer.Ordinal).Select(name => name.Length > 0 && Path.GetFileName(name) == name
                ? Path.Combine(folder, name)
                : throw new InvalidDataException($"'{index}' names the file '{name}', which is not inside the folder."))];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{index}' is not a weight index: {error.Message}", error);
        }
    }

    private static void CheckTensors(string folder, DecoderFamily family, DecoderConfig config, Dictionary<string, SafeTensorsFile> owners)
    {
        var expected = CheckpointTensors.Expected(family, config);
        var problems = new List<string>();
        foreach (var (name, shape) in expected)
        {
            if (!owners.TryGetValue(name, out var file)) problems.Add($"{name} is missing");
            else if (!file.Header.Tensors[name].Shape.AsSpan().SequenceEqual(shape))
                problems.Add($"{name} has shape [{string.Join(", ", file.Header.Tensors[name].Shape)}], the config asks for [{string.Join(", ", shape)}]");
        }
        foreach (string name in owners.Keys)
        {
            if (expected.ContainsKey(name) || family.Ignored.Any(ending => name.EndsWith(ending, StringComparison.Ordinal))) continue;
            // Some tools store the tied head a second time.
            if (config.TiedHead && name == family.ModuleName(LayerId.Head) + ".weight") continue;
            problems.Add($"{name} is not part of a {config.Family} model");
        }
        if (problems.Count > 0)
            throw new InvalidDataException($"'{folder}' does not fit its config.json: {string.Join("; ", problems.Take(20))}{(problems.Count > 20 ? $"; and {problems.Count - 20} more" : "")}.");
    }

    private string ComputeFingerprint()
    {
        const int Sample = 16 * 1024;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[Sample];
        foreach (var file in _files)
        {
            using var stream = File.OpenRead(file.Header.Path);
            foreach (var tensor in file.Header.Tensors.Values.OrderBy(t => t.Name, StringComparer.Ordinal))
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{tensor.Name}|{tensor.Type}|{string.Join(',', tensor.Shape)}\n"));
                foreach (long at in new[] { 0, Math.Max(0, tensor.Length / 2 - Sample / 2), Math.Max(0, tensor.Length - Sample) }.Distinct())
                {
                    stream.Position = tensor.Offset + at;
                    int count = (int)Math.Min(Sample, tensor.Length - at);
                    stream.ReadExactly(buffer, 0, count);
                    hash.AppendData(buffer, 0, count);
                }
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }
}
