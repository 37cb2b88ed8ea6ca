using System.Text.Json;
using Studio.Core.Adapters;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Bench.Verify;

/// <summary>Compares an adapter folder on its base with its reference: logits, loss, every gradient, generation, merged weights.</summary>
internal static class AdapterVerifier
{
    private const string GradientPrefix = "grad.";
    private const string MergedPrefix = "merged.";

    public static Deviations Verify(string folder, string baseFolder)
    {
        var deviations = new Deviations();
        using var golden = new GoldenFile(Path.Combine(folder, CaseFinder.GoldenName));
        using var run = new ModelRun(baseFolder);
        using var adapter = PeftFormat.Load(folder, run.Site);
        var sequences = LabelledSequence.Read(golden);
        if (golden.Has("logits")) deviations.Compare("logits", run.Logits(adapter, sequences), golden.Floats("logits"), Tolerances.Logits);
        Padded(run, adapter, sequences, golden, deviations);
        Backward(run, adapter, sequences, golden, deviations);
        GenerationVerifier.Verify(run, adapter, Margin(folder), golden, deviations);
        Merged(run, adapter, golden, deviations);
        TrainingFormVerifier.Verify(folder, run, sequences, golden, deviations);
        return deviations;
    }

    private static void Padded(ModelRun run, IAdapter adapter, IReadOnlyList<LabelledSequence> sequences, GoldenFile golden, Deviations deviations)
    {
        if (!golden.Has("padded.logits_row1")) return;
        var expected = golden.Floats("padded.logits_row1");
        var padded = golden.Has("padded.input_ids")
            ? PaddedBatch.Read(golden)
            : PaddedBatch.Shortened(sequences, (int)golden.Shape("padded.logits_row1")[0] - adapter.VirtualTokens);
        deviations.Compare("padded.logits_row1", run.Logits(adapter, [padded[1]]), expected, Tolerances.Logits);
        if (!golden.Has("padded.loss")) return;
        deviations.Compare("padded.loss", run.Backward(adapter, padded).Total, golden.Scalar("padded.loss"), Tolerances.Loss);
        adapter.Parameters.ReleaseGradients();
    }

    private static void Backward(ModelRun run, IAdapter adapter, IReadOnlyList<LabelledSequence> sequences, GoldenFile golden, Deviations deviations)
    {
        var loss = run.Backward(adapter, sequences);
        if (golden.Has("loss")) deviations.Compare("loss", loss.Total, golden.Scalar("loss"), Tolerances.Loss);
        if (golden.Has("ce_loss")) deviations.Compare("ce_loss", loss.CrossEntropy, golden.Scalar("ce_loss"), Tolerances.Loss);
        var known = adapter.Parameters.Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        foreach (string key in golden.Keys.Where(key => key.StartsWith(GradientPrefix, StringComparison.Ordinal)))
        {
            string tensor = key[GradientPrefix.Length..];
            if (!known.Contains(tensor)) throw new InvalidDataException($"The reference has a gradient of '{tensor}', the adapter has no such tensor.");
            var expected = golden.Floats(key);
            deviations.Compare(key, Gradients.Of(adapter, tensor), expected, Tolerances.Gradient(expected));
        }
        adapter.Parameters.ReleaseGradients();
    }

    private static void Merged(ModelRun run, IAdapter adapter, GoldenFile golden, Deviations deviations)
    {
        foreach (string key in golden.Keys.Where(key => key.StartsWith(MergedPrefix, StringComparison.Ordinal)))
        {
            string name = key[MergedPrefix.Length..];
            var module = run.Modules.Find(name[..name.LastIndexOf('.')]) ?? throw new InvalidDataException($"The reference has a merged '{name}', the base has no such module.");
            using var scope = NewDisposeScope();
            var merged = name.EndsWith(".bias", StringComparison.Ordinal)
                ? adapter.MergeBias(module, run.BiasOf(module)) ?? throw new InvalidDataException($"The reference has a merged '{name}', ours has no bias.")
                : adapter.MergeWeight(module, run.WeightOf(module));
            deviations.Compare(key, (run.IsTransposed(module) && merged.dim() == 2 ? merged.t() : merged).ToFloatArray(), golden.Floats(key), Tolerances.Merged);
        }
    }

    private static double Margin(string folder)
    {
        string path = Path.Combine(folder, "golden.json");
        if (!File.Exists(path)) return double.PositiveInfinity;
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.TryGetProperty("gen_min_margin", out var margin) && margin.ValueKind == JsonValueKind.Number && margin.TryGetDouble(out double value) ? value : double.PositiveInfinity;
    }
}
