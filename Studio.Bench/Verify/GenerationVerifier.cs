using Studio.Core.Adapters;

namespace Studio.Bench.Verify;

/// <summary>Compares greedy generation over a KV cache, with the prompt processed at once and in two chunks.</summary>
internal static class GenerationVerifier
{
    public static void Verify(ModelRun run, IAdapter? adapter, double margin, GoldenFile golden, Deviations deviations, string suffix = "")
    {
        // Where two tokens are nearly equal in the reference itself, another choice is no error.
        if (!golden.Has("gen.new_ids") || margin < Tolerances.GenerationMargin) return;
        var prompt = golden.Ids("gen.prompt_ids");
        var expected = golden.Ids("gen.new_ids");
        var alternative = golden.Has("gen.new_ids_kvcache") ? golden.Ids("gen.new_ids_kvcache") : expected;
        foreach (var (name, firstChunk) in new[] { ("generation", prompt.Length), ("generation after a prefill in two chunks", (prompt.Length + 1) / 2) })
        {
            var generated = run.Generate(adapter, prompt, expected.Length, firstChunk);
            deviations.CompareTokens(name + suffix, generated, generated.AsSpan().SequenceEqual(alternative) ? alternative : expected);
        }
    }
}
