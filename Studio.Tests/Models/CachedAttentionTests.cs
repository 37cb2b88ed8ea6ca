using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Core.Tensors.Kernels;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Models;

/// <summary>Attention of a decode pass, token by token over caches, against attention over all rows at once in fp64.</summary>
public sealed class CachedAttentionTests : TensorTest
{
    private static readonly int[] Starts = [0, 3, 70];
    private const int Steps = 5;

    /// <summary>Type, query heads, key heads, width, rotated features, neighbours, window, groups of a fused projection.</summary>
    public static TheoryData<ScalarType, int, int, int, int, bool, int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<ScalarType, int, int, int, int, bool, int, int>();
            foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
            {
                shapes.Add(type, 6, 2, 64, 64, false, 0, 1);
                shapes.Add(type, 3, 3, 16, 0, false, 0, 1);
                shapes.Add(type, 3, 1, 13, 6, false, 0, 1);
                shapes.Add(type, 2, 1, 80, 32, true, 0, 1);
                shapes.Add(type, 2, 2, 7, 4, true, 5, 2);
                shapes.Add(type, 4, 2, 144, 32, false, 65, 1);
            }
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_TokenByToken_EqualsAllAtOnce(ScalarType type, int heads, int keyHeads, int width, int rotated, bool neighbours, int window, int groups)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5);
        var shape = AttentionShape.Of(heads, keyHeads, width, 1 / Math.Sqrt(width), window, groups, valuesFirst: groups > 1);
        var config = new DecoderConfig
        {
            Family = "test", Vocabulary = 11, Hidden = 8, Blocks = 1, Heads = heads, KeyValueHeads = keyHeads, HeadWidth = width, MlpWidth = 8, ContextLength = 4096, AttentionScale = 1,
        }.WithBlocks((block, _) => block with { Window = window });
        int columns = (heads + 2 * keyHeads) * width;
        // Every sequence has a prompt, whose keys are in the cache as they were rotated, and some tokens after it.
        var rows = Starts.Select(start => (randn(start + Steps, columns, generator: random) * 1.5).to(type)).ToList();
        var caches = Starts.Select(_ => new KeyValueCache(config, type, CPU)).ToList();
        for (int i = 0; i < caches.Count; i++)
        {
            if (Starts[i] == 0) continue;
            var (_, keys, values) = Heads(shape, rows[i].to(ScalarType.Float64), rotated, neighbours);
            caches[i].Append(0, keys[..Starts[i]].to(type), values[..Starts[i]].to(type));
        }

        for (int step = 0; step < Steps; step++)
        {
            var angles = rotated == 0 ? null : Angles([.. Starts.Select(start => start + step)], rotated, neighbours);
            var x = cat([.. rows.Select((all, i) => all.narrow(0, Starts[i] + step, 1))], 0);
            var y = new CachedAttention(shape, 0, caches, angles).Forward(x);

            Assert.Equal((type, (long)caches.Count, (long)heads * width), (y.dtype, y.size(0), y.size(1)));
            for (int i = 0; i < caches.Count; i++)
            {
                Assert.Equal(Starts[i] + step + 1, caches[i].Length);
                AssertNear(Truth(shape, rows[i], Starts[i] + step, rotated, neighbours), y[i], type);
            }
        }
        foreach (var cache in caches) cache.Dispose();
    }

    // The last row's attention over all before it.
    private static Tensor Truth(AttentionShape shape, Tensor rows, int last, int rotated, bool neighbours)
    {
        var (queries, keys, values) = Heads(shape, rows[..(last + 1)].to(ScalarType.Float64), rotated, neighbours);
        int first = shape.Window > 0 ? Math.Max(0, last + 1 - shape.Window) : 0;
        var results = new List<Tensor>();
        for (int head = 0; head < shape.Queries.Count; head++)
        {
            int other = head / shape.Group;
            var weights = (keys[first.., other].matmul(queries[last, head]) * shape.Scale).softmax(0);
            results.Add(weights.matmul(values[first.., other]));
        }
        return cat(results, 0);
    }

    // [rows, heads, width] in fp64, queries and keys rotated.
    private static (Tensor Queries, Tensor Keys, Tensor Values) Heads(AttentionShape shape, Tensor rows, int rotated, bool neighbours)
    {
        return (Rotated(Gather(shape.Queries)), Rotated(Gather(shape.Keys)), Gather(shape.Values));

        Tensor Gather(IReadOnlyList<int> at) => stack([.. at.Select(column => rows.narrow(1, column, shape.Width))], 1);

        Tensor Rotated(Tensor heads)
        {
            int pairs = rotated / 2;
            var result = heads.clone();
            for (int i = 0; i < pairs; i++)
            {
                var (a, b) = neighbours ? (2 * i, 2 * i + 1) : (i, i + pairs);
                var angle = (arange(heads.size(0), dtype: ScalarType.Float64) * Frequency(i)).unsqueeze(1);
                result[.., .., a] = heads[.., .., a] * angle.cos() - heads[.., .., b] * angle.sin();
                result[.., .., b] = heads[.., .., b] * angle.cos() + heads[.., .., a] * angle.sin();
            }
            return result;
        }
    }

    private static RotaryAngles Angles(int[] positions, int rotated, bool neighbours)
    {
        var angles = positions.SelectMany(position => Enumerable.Range(0, rotated / 2).Select(i => position * Frequency(i))).ToList();
        return new RotaryAngles([.. angles.Select(angle => (float)Math.Cos(angle))], [.. angles.Select(angle => (float)Math.Sin(angle))], rotated / 2, neighbours);
    }

    private static double Frequency(int pair) => 1.0 / (1 + pair);

    // In bf16 the keys are rounded for the cache and the result once more.
    private static void AssertNear(Tensor expected, Tensor actual, ScalarType type)
    {
        double tolerance = type == ScalarType.BFloat16 ? 1.5e-2 : 1e-5;
        Assert.InRange(((actual.to(ScalarType.Float64) - expected).norm() / expected.norm()).item<double>(), 0, tolerance);
    }
}
