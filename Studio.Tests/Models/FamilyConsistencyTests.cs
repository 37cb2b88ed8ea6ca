using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Models;

/// <summary>The same rows give the same logits, however they are batched, cached or cut into chunks; in every family.</summary>
public sealed class FamilyConsistencyTests : TensorTest
{
    private const double Tolerance = 2e-4;

    public static TheoryData<string> Models => FamilyFixtures.All;

    [Theory]
    [MemberData(nameof(Models))]
    public void Logits_RaggedBatchCacheAndChunks_EqualTheWholeForwardAlone(string name)
    {
        using var model = BaseModel.Load("m", FixtureFolder.Model(name), ScalarType.Float32, CPU);
        using var layers = new DirectBaseLayers(model.Layers);
        // Longer than every window and than the contexts before rotary scaling.
        int[][] prompts = [Ids(37, 1), Ids(5, 2), Ids(21, 3)];
        float[][] alone = [.. prompts.Select(ids => Logits(model, layers, [new SequenceInput(ids)])[0])];

        float[][] together = Logits(model, layers, [.. prompts.Select(ids => new SequenceInput(ids))]);
        for (int i = 0; i < prompts.Length; i++) AssertEqual(alone[i], together[i], $"sequence {i} of a ragged batch");

        AssertEqual(alone[0], InPieces(model, layers, prompts[0], 37), "one chunk into a cache");
        AssertEqual(alone[0], InPieces(model, layers, prompts[0], 16), "chunks of 16");
        float[] batched = BatchedDecode(model, layers, prompts), each = [.. prompts.SelectMany(ids => BatchedDecode(model, layers, [ids]))];
        AssertEqual(each, batched, "batched decode of ragged prompts");
        // Frequencies that change while a sequence grows: each row is computed with those of its time. LongRoPE's change once, and the cache is
        // filled anew then; dynamic NTK's change with every token, and cached keys keep theirs, as in transformers.
        if (!model.Config.RotaryDependsOnLength) AssertEqual([.. alone.SelectMany(rows => rows)], batched, "decode");
        int width = model.Config.Vocabulary, end = model.Config.RotaryDependsOnLength && model.Config.RotarySwitch == 0 ? model.Config.ContextLength : 37;
        int[] grown = [.. prompts[0].Take(end)];
        AssertEqual(Logits(model, layers, [new SequenceInput(grown)])[0][^width..], InPieces(model, layers, grown, 1, announced: false)[^width..], "token by token");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Logits_InBf16_LieNearFp32(string name)
    {
        var sequence = new SequenceInput(Ids(30, 4));
        float[] exact, rounded;
        using (var model = BaseModel.Load("m", FixtureFolder.Model(name), ScalarType.Float32, CPU))
        using (var layers = new DirectBaseLayers(model.Layers))
            exact = Logits(model, layers, [sequence])[0];
        using (var model = BaseModel.Load("m", FixtureFolder.Model(name), ScalarType.BFloat16, CPU))
        using (var layers = new DirectBaseLayers(model.Layers))
            rounded = Logits(model, layers, [sequence])[0];
        double length = Math.Sqrt(exact.Sum(x => (double)x * x)), difference = Math.Sqrt(exact.Zip(rounded, (a, b) => Math.Pow(a - b, 2)).Sum());
        Assert.InRange(difference / length, 0, 0.1);
    }

    private static int[] Ids(int count, int seed) => [.. Enumerable.Range(0, count).Select(i => (i * 37 + seed * 101 + i * i * 7) % 250 + 3)];

    private static float[][] Logits(BaseModel model, DirectBaseLayers layers, IReadOnlyList<SequenceInput> sequences)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var context = SplitContext.ForInference(layers, model.Model.Modules, [null]);
        var hidden = model.Model.Forward(context, new SequenceBatch(sequences));
        var flat = model.Model.Logits(context, hidden, [new RowSpan(0, (int)hidden.size(0), 0)]).ToFloatArray();
        var parts = new List<float[]>();
        int at = 0, width = model.Config.Vocabulary;
        foreach (var sequence in sequences)
        {
            parts.Add(flat[at..(at + sequence.Ids.Length * width)]);
            at += sequence.Ids.Length * width;
        }
        return [.. parts];
    }

    // A prompt's chunks announce what follows; tokens that are generated cannot.
    private static float[] InPieces(BaseModel model, DirectBaseLayers layers, int[] ids, int size, bool announced = true)
    {
        using var cache = new KeyValueCache(model.Config, model.ComputeType, CPU);
        return [.. ids.Chunk(size).SelectMany((piece, i) => Logits(model, layers, [new SequenceInput(piece, cache, announced ? Math.Max(0, ids.Length - (i + 1) * size) : 0)])[0])];
    }

    // Prompts of different lengths are fed half at once, then token by token, all in one batch; sequences that are through drop out.
    private static float[] BatchedDecode(BaseModel model, DirectBaseLayers layers, int[][] prompts)
    {
        var caches = prompts.Select(_ => new KeyValueCache(model.Config, model.ComputeType, CPU)).ToArray();
        var logits = prompts.Select(_ => new List<float>()).ToArray();
        int[] fed = new int[prompts.Length];
        try
        {
            while (Enumerable.Range(0, prompts.Length).Where(i => fed[i] < prompts[i].Length).ToArray() is { Length: > 0 } live)
            {
                int[] counts = [.. live.Select(i => fed[i] == 0 ? prompts[i].Length / 2 : 1)];
                var rows = Logits(model, layers, [.. live.Select((i, n) => new SequenceInput(prompts[i].AsMemory(fed[i], counts[n]), caches[i]))]);
                for (int n = 0; n < live.Length; n++)
                {
                    logits[live[n]].AddRange(rows[n]);
                    fed[live[n]] += counts[n];
                }
            }
        }
        finally
        {
            foreach (var cache in caches) cache.Dispose();
        }
        return [.. logits.SelectMany(rows => rows)];
    }

    private static void AssertEqual(float[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = expected.Zip(actual, (a, b) => Math.Abs((double)a - b)).Max();
        Assert.True(difference <= Tolerance, $"{what}: logits differ by {difference}");
    }
}
