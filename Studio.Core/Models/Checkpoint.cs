using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Models;

/// <summary>
/// A checkpoint folder in Hugging Face layout: config.json and one safetensors file, or shards with an index. Mapped, never copied. Tensors are
/// named as transformers' causal models name them, whether or not the files leave out the base model's prefix.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    private const int MaximumProblems = 200;

    private readonly List<SafeTensorsFile> _files;
    private readonly Dictionary<string, StoredTensor> _tensors;

    private Checkpoint(string folder, DecoderFamily family, DecoderConfig config, List<SafeTensorsFile> files, Dictionary<string, StoredTensor> tensors)
    {
        Folder = folder;
        Family = family;
        Config = config;
        _files = files;
        _tensors = tensors;
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
    public IReadOnlyCollection<string> TensorNames => _tensors.Keys;

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
        var files = new List<SafeTensorsFile>();
        try
        {
            foreach (string path in WeightFiles(folder)) files.Add(SafeTensorsFile.Open(path));
            var tensors = Names(folder, family, files);
            CheckTensors(folder, family, config, tensors);
            return new Checkpoint(folder, family, config, files, tensors);
        }
        catch
        {
            foreach (var file in files) file.Dispose();
            throw;
        }
    }

    /// <summary>Stored type of a tensor.</summary>
    public ScalarType TypeOf(string name) => _tensors[name].Info.Type;

    /// <summary>Stored shape of a tensor.</summary>
    public IReadOnlyList<long> ShapeOf(string name) => _tensors[name].Info.Shape;

    /// <summary>A tensor as it is stored; the caller disposes it.</summary>
    public Tensor Map(string name)
    {
        var stored = Stored(name);
        return stored.File.Map(stored.Name);
    }

    /// <summary>Whether the checkpoint holds a tensor.</summary>
    public bool Has(string name) => _tensors.ContainsKey(name);

    /// <summary>Bytes of all tensors.</summary>
    internal long TensorBytes => _tensors.Values.Sum(stored => stored.Info.Length);

    /// <summary>Where a tensor lies.</summary>
    /// <exception cref="KeyNotFoundException">No such tensor.</exception>
    internal StoredTensor Stored(string name) => _tensors.TryGetValue(name, out var stored) ? stored : throw new KeyNotFoundException($"'{Folder}' has no tensor '{name}'.");

    /// <summary>The beginning of a list, for a message.</summary>
    internal static string Listed(List<string> items, string separator)
    {
        string count = items.Count < MaximumProblems ? $"{items.Count - 20}" : "many";
        return string.Join(separator, items.Take(20).Select(item => Excerpt.Of(item, 200))) + (items.Count > 20 ? $"{separator}and {count} more" : "");
    }

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
            return [.. names.Order(StringComparer.Ordinal).Select(name => name.Length is > 0 and <= 255 && Path.GetFileName(name) == name
                ? Path.Combine(folder, name)
                : throw new InvalidDataException($"'{index}' names the file '{Excerpt.Of(name)}', which is not inside the folder."))];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{index}' is not a weight index: {Excerpt.Of(error.Message, 300)}", error);
        }
    }

    // Stored names under the names that transformers' causal models give them.
    private static Dictionary<string, StoredTensor> Names(string folder, DecoderFamily family, List<SafeTensorsFile> files)
    {
        var tensors = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        string head = family.ModuleName(LayerId.Head) + ".";
        foreach (var file in files)
        {
            foreach (var (name, info) in file.Header.Tensors)
            {
                bool complete = name.StartsWith(family.BasePrefix, StringComparison.Ordinal) || name.StartsWith(head, StringComparison.Ordinal);
                string full = complete ? name : family.BasePrefix + name;
                if (!tensors.TryAdd(full, new StoredTensor(full, file, name, info)))
                    throw new InvalidDataException($"'{folder}': tensor '{name}' is there twice.");
            }
        }
        return tensors;
    }

    private static void CheckTensors(string folder, DecoderFamily family, DecoderConfig config, Dictionary<string, StoredTensor> tensors)
    {
        var problems = new List<string>();
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, shape) in CheckpointTensors.Expected(family, config).TakeWhile(_ => problems.Count < MaximumProblems))
        {
            expected.Add(name);
            if (!tensors.TryGetValue(name, out var stored)) problems.Add($"{name} is missing");
            else if (!stored.Info.Shape.AsSpan().SequenceEqual(shape))
                problems.Add($"{stored.Name} has shape [{string.Join(", ", stored.Info.Shape)}], the config asks for [{string.Join(", ", shape)}]");
            else if (stored.Info.Type is not (ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16))
                problems.Add($"{stored.Name} is of type {SafeTensorTypes.Name(stored.Info.Type)}, expected F32, F16 or BF16");
        }
        foreach (var (name, stored) in tensors.ToList())
        {
            if (expected.Contains(name)) continue;
            // Buffers of old versions; and some tools store the tied head a second time.
            if (family.Ignored.Any(ending => name.EndsWith(ending, StringComparison.Ordinal)) || (config.TiedHead && name == family.Weight(LayerId.Head).Name)) tensors.Remove(name);
            else if (problems.Count < MaximumProblems) problems.Add($"{stored.Name} is not part of a {config.Family} model");
        }
        if (problems.Count > 0) throw new InvalidDataException($"'{folder}' does not fit its config.json: {Listed(problems, "; ")}.");
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

/// <summary>A tensor of a checkpoint.</summary>
/// <param name="FullName">Its name in transformers' causal models.</param>
/// <param name="File">The file that holds it.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Info">Type, shape and place.</param>
internal sealed record StoredTensor(string FullName, SafeTensorsFile File, string Name, SafeTensorInfo Info);
