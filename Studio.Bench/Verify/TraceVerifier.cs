using Studio.Core.Adapters;
using Studio.Core.Tensors;
using Studio.Core.Training;

namespace Studio.Bench.Verify;

/// <summary>Repeats a recorded training: loss and gradient norm of every step, and the tensors at its end.</summary>
internal static class TraceVerifier
{
    public static Deviations Verify(string folder, string baseFolder)
    {
        var deviations = new Deviations();
        using var trace = new GoldenFile(Path.Combine(folder, CaseFinder.TraceName));
        using var run = new ModelRun(baseFolder);
        using var adapter = PeftFormat.Load(Path.Combine(folder, "init"), run.Site);
        Train(run, adapter, trace, TraceSettings.Read(Path.Combine(folder, "trace.json")), deviations);
        CompareFinal(adapter, Path.Combine(folder, "final", PeftFormat.WeightsFile), deviations);
        return deviations;
    }

    private static void Train(ModelRun run, IAdapter adapter, GoldenFile trace, TraceSettings settings, Deviations deviations)
    {
        var shape = trace.Shape("input_ids"); // [steps, sequences, columns]
        int steps = (int)shape[0], columns = (int)shape[2], batch = (int)shape[1] * columns;
        int[] ids = trace.Ids("input_ids");
        int[] mask = trace.Has("attention_mask") ? trace.Ids("attention_mask") : [], labels = trace.Has("labels") ? trace.Ids("labels") : [];
        double[] losses = trace.Doubles("loss"), rates = trace.Doubles("lr"), norms = trace.Has("grad_norm") ? trace.Doubles("grad_norm") : [];
        var optimizer = new FlatAdamW(settings.Optimizer);
        for (int step = 0; step < steps; step++)
        {
            var part = new Range(step * batch, (step + 1) * batch);
            var sequences = LabelledSequence.Split(ids.AsSpan(part), columns, mask.Length == 0 ? [] : mask.AsSpan(part), labels.Length == 0 ? [] : labels.AsSpan(part));
            double loss = run.Backward(adapter, sequences).Total;
            var at = new AdapterStep(step + 1, steps, rates[step]);
            adapter.AfterBackward(at);
            double norm = GradientClipping.ClipGlobalNorm(adapter.Parameters, settings.MaximumNorm);
            optimizer.Step(adapter.Parameters, rates[step]);
            adapter.AfterStep(at);
            adapter.Parameters.ReleaseGradients();
            deviations.Compare($"loss of step {step}", loss, losses[step], Tolerances.TraceLoss);
            if (norms.Length > 0) deviations.Compare($"grad_norm of step {step}", norm, norms[step], Tolerances.TraceNorm * Math.Max(1, norms[step]));
        }
    }

    private static void CompareFinal(IAdapter adapter, string path, Deviations deviations)
    {
        using var final = new GoldenFile(path);
        foreach (string key in final.Keys)
        {
            float[] expected = final.Floats(key), actual = adapter.Parameters[key].ToFloatArray();
            int outliers = 0;
            for (int i = 0; i < Math.Min(actual.Length, expected.Length); i++)
                if (Math.Abs(actual[i] - expected[i]) > Tolerances.TraceFinal) outliers++;
            double allowed = outliers < Tolerances.TraceOutlierShare * expected.Length ? Tolerances.TraceFinalOutlier : Tolerances.TraceFinal;
            deviations.Compare("final " + key, actual, expected, outliers == 0 ? Tolerances.TraceFinal : allowed);
        }
    }
}
