using Studio.Core.Adapters;
using static TorchSharp.torch;

namespace Studio.Bench.Verify;

/// <summary>
/// Some methods train another form than they store, such as a network that makes a prompt. Its reference tensors are called <c>train.NAME</c>: they are
/// set, and loss and the gradient of each are compared.
/// </summary>
internal static class TrainingFormVerifier
{
    private const string Prefix = "train.";
    private const string GradientPrefix = Prefix + "grad.";
    private const string Loss = Prefix + "loss";

    public static void Verify(string folder, ModelRun run, IReadOnlyList<LabelledSequence> sequences, GoldenFile golden, Deviations deviations)
    {
        var names = golden.Keys.Where(key => key.StartsWith(Prefix, StringComparison.Ordinal) && !key.StartsWith(GradientPrefix, StringComparison.Ordinal) && key != Loss)
            .Select(key => key[Prefix.Length..]).ToList();
        if (names.Count == 0) return;
        using var adapter = AdapterMethods.Build(PeftFormat.ReadSpec(folder), run.Site);
        SetValues(adapter, names, golden);
        var loss = run.Backward(adapter, sequences);
        if (golden.Has(Loss)) deviations.Compare(Loss, loss.Total, golden.Scalar(Loss), Tolerances.Loss);
        foreach (string name in names.Where(name => golden.Has(GradientPrefix + name)))
        {
            var expected = golden.Floats(GradientPrefix + name);
            deviations.Compare(GradientPrefix + name, Gradients.Of(adapter, name), expected, Tolerances.Gradient(expected));
        }
    }

    private static void SetValues(IAdapter adapter, List<string> names, GoldenFile golden)
    {
        var ours = adapter.Parameters.Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        if (!ours.SetEquals(names))
            throw new InvalidDataException($"The training form has the tensors {string.Join(", ", ours.Order(StringComparer.Ordinal))}; the reference has {string.Join(", ", names)}.");
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (string name in names)
        {
            var target = adapter.Parameters[name];
            if (!target.shape.AsSpan().SequenceEqual(golden.Shape(Prefix + name)))
                throw new InvalidDataException($"{name} is [{string.Join(", ", target.shape)}], the reference has [{string.Join(", ", golden.Shape(Prefix + name))}].");
            target.copy_(tensor(golden.Floats(Prefix + name)).view(target.shape));
        }
    }
}
