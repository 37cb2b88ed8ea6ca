using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>
/// What an adapter writes to disk. <see cref="Weights"/> is exactly what the PEFT library stores; <see cref="Continuation"/> is what PEFT loses and
/// further training needs, such as the network that made a prompt. Tensors stay with the caller's dispose scope.
/// </summary>
public sealed class AdapterExport
{
    /// <summary>Settings that adapter_config.json shall hold where they differ from the adapter's own, for example because training has changed a rank; null = its own.</summary>
    public AdapterSpec? Spec { get; set; }

    /// <summary>Tensors of adapter_model.safetensors by name.</summary>
    public Dictionary<string, Tensor> Weights { get; } = new(StringComparer.Ordinal);

    /// <summary>Tensors that only this studio reads.</summary>
    public Dictionary<string, Tensor> Continuation { get; } = new(StringComparer.Ordinal);
}

/// <summary>
/// The tensors of an adapter's files while it is loaded. Whoever takes a tensor says which shape it must have; what does not fit, is missing or
/// was taken by nobody is collected and refused together by <see cref="RequireComplete"/>.
/// </summary>
public sealed class AdapterImport(SafeTensorsFile weights, SafeTensorsFile? continuation)
{
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Whether further training can go on from where it was: the continuation is there.</summary>
    public bool HasContinuation => continuation is not null;

    /// <summary>Whether the PEFT file holds a tensor.</summary>
    public bool Has(string name) => weights.Header.Tensors.ContainsKey(name);

    /// <summary>Whether the continuation holds a tensor.</summary>
    public bool Continues(string name) => continuation is not null && continuation.Header.Tensors.ContainsKey(name);

    /// <summary>Names of all tensors of the PEFT file.</summary>
    public IEnumerable<string> Names => weights.Header.Tensors.Keys;

    /// <summary>Shape of a tensor of the PEFT file, or null.</summary>
    public IReadOnlyList<long>? ShapeOf(string name) => weights.Header.Tensors.TryGetValue(name, out var info) ? info.Shape : null;

    /// <summary>Copies a tensor of the PEFT file into a tensor of the same shape.</summary>
    public void CopyTo(string name, Tensor target) => Copy(weights, name, target);

    /// <summary>Copies a tensor of the continuation into a tensor of the same shape.</summary>
    public void ContinueTo(string name, Tensor target)
    {
        if (continuation is null) _problems.Add($"{name} is missing: there is no {PeftFormat.ContinuationFile}");
        else Copy(continuation, name, target);
    }

    /// <summary>A tensor of the PEFT file in its own type, or null where it is missing or of another shape; the caller disposes it.</summary>
    public Tensor? Take(string name, params long[] shape) => Find(weights, name, shape) ? weights.Map(name) : null;

    /// <summary>A tensor of the continuation, likewise.</summary>
    public Tensor? TakeContinuation(string name, params long[] shape) => continuation is not null && Find(continuation, name, shape) ? continuation.Map(name) : null;

    /// <summary>Marks a tensor as known and not needed, such as a copy of a base weight.</summary>
    public void Skip(string name) => _taken.Add(name);

    /// <summary>Adds a finding of the method's own.</summary>
    public void Refuse(string problem) => _problems.Add(problem);

    /// <summary>Refuses the files unless every tensor was found, fits and was taken.</summary>
    /// <exception cref="InvalidDataException">The message lists what is wrong; the inner <see cref="AdapterMismatchException"/> has all of it.</exception>
    public void RequireComplete()
    {
        _problems.AddRange(Names.Where(name => !_taken.Contains(name)).Select(name => $"{name} has no place in this base model"));
        if (_problems.Count == 0) return;
        var mismatch = new AdapterMismatchException(weights.Header.Path, _problems);
        throw new InvalidDataException(mismatch.Message, mismatch);
    }

    private void Copy(SafeTensorsFile file, string name, Tensor target)
    {
        if (!Find(file, name, target.shape)) return;
        using var grad = no_grad();
        using var stored = file.Map(name);
        target.copy_(stored);
    }

    private bool Find(SafeTensorsFile file, string name, long[] shape)
    {
        if (!file.Header.Tensors.TryGetValue(name, out var info))
        {
            _problems.Add($"{name} is missing");
            return false;
        }
        _taken.Add(name);
        if (info.Shape.AsSpan().SequenceEqual(shape)) return true;
        _problems.Add($"{name} is [{string.Join(", ", info.Shape)}], the base model needs [{string.Join(", ", shape)}]");
        return false;
    }
}

/// <summary>The tensors of an adapter's files and a base model do not fit.</summary>
/// <param name="file">The file.</param>
/// <param name="problems">Every tensor that does not fit: which module, which shape.</param>
public sealed class AdapterMismatchException(string file, IReadOnlyList<string> problems) : Exception(
    $"'{file}' does not fit the base model: {string.Join("; ", problems.Take(Shown))}{(problems.Count > Shown ? $"; and {problems.Count - Shown} more" : "")}.")
{
    private const int Shown = 10;

    /// <summary>Every tensor that does not fit, one sentence each.</summary>
    public IReadOnlyList<string> Problems { get; } = [.. problems];
}
