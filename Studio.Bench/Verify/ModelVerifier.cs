namespace Studio.Bench.Verify;

/// <summary>Compares a model folder with its reference: logits, loss, gradients across all frozen layers, hidden states, generation.</summary>
internal static class ModelVerifier
{
    private const string AlternativeConfig = "config.v5.json";

    public static Deviations Verify(string folder)
    {
        var deviations = new Deviations();
        using var golden = new GoldenFile(Path.Combine(folder, CaseFinder.GoldenName));
        Verify(folder, "config.json", "", golden, deviations);
        if (File.Exists(Path.Combine(folder, AlternativeConfig))) Verify(folder, AlternativeConfig, " with " + AlternativeConfig, golden, deviations);
        return deviations;
    }

    private static void Verify(string folder, string configFile, string suffix, GoldenFile golden, Deviations deviations)
    {
        using var run = new ModelRun(folder, configFile);
        var sequences = LabelledSequence.Read(golden);
        Forward(run, sequences, golden, deviations, suffix);
        Backward(run, sequences, "", golden, deviations, suffix);
        if (golden.Has("padded.input_ids"))
        {
            var padded = run.Config.RotaryDependsOnLength ? PaddedBatch.ReadWithPadding(golden) : PaddedBatch.Read(golden);
            if (golden.Has("padded.logits_row1"))
            {
                var expected = golden.Floats("padded.logits_row1");
                deviations.Compare("padded.logits_row1" + suffix, run.Logits(null, [padded[1]]).AsSpan(0, expected.Length), expected, Tolerances.Logits);
            }
            Backward(run, padded, "padded.", golden, deviations, suffix);
        }
        GenerationVerifier.Verify(run, null, double.PositiveInfinity, golden, deviations, suffix);
    }

    private static void Forward(ModelRun run, IReadOnlyList<LabelledSequence> sequences, GoldenFile golden, Deviations deviations, string suffix)
    {
        var states = new List<float[]>();
        var logits = run.Logits(null, sequences, states);
        if (golden.Has("logits")) deviations.Compare("logits" + suffix, logits, golden.Floats("logits"), Tolerances.Logits);
        for (int i = 0; i < states.Count; i++)
        {
            string key = $"hidden_states.{i}";
            if (golden.Has(key)) deviations.Compare(key + suffix, states[i], golden.Floats(key), Tolerances.Logits);
        }
    }

    private static void Backward(ModelRun run, IReadOnlyList<LabelledSequence> sequences, string prefix, GoldenFile golden, Deviations deviations, string suffix)
    {
        if (!golden.Has(prefix + "loss")) return;
        using var probe = new EmbeddingProbe(sequences.Sum(sequence => sequence.Ids.Length), run.Config.EmbeddingWidth);
        deviations.Compare(prefix + "loss" + suffix, run.Backward(probe, sequences).Total, golden.Scalar(prefix + "loss"), Tolerances.Loss);
        string key = prefix + "grad_inputs_embeds";
        if (!golden.Has(key)) return;
        var expected = golden.Floats(key);
        var actual = PaddedBatch.Scatter(Gradients.Of(probe, EmbeddingProbe.Offset), sequences, golden.Shape(key));
        deviations.Compare(key + suffix, actual, expected, Tolerances.Gradient(expected));
    }
}
