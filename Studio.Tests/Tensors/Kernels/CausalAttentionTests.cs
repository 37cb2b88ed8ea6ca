using Studio.Core.Tensors;
using Studio.Core.Tensors.Kernels;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Tensors.Kernels;

/// <summary>Attention with its written derivative against the same recorded by autograd in fp64: heads, widths, rotations, windows, packed sequences.</summary>
public sealed class CausalAttentionTests : TensorTest
{
    private static readonly int[] Packed = [1, 2, 127, 128, 129, 300];

    /// <summary>Type, query heads, key heads, width, rotated features, neighbours, window, groups of a fused projection.</summary>
    public static TheoryData<ScalarType, int, int, int, int, bool, int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<ScalarType, int, int, int, int, bool, int, int>();
            foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.BFloat16])
            {
                shapes.Add(type, 4, 2, 64, 64, false, 0, 1);
                shapes.Add(type, 3, 3, 16, 0, false, 0, 1);
                shapes.Add(type, 3, 1, 13, 6, false, 0, 1);
                shapes.Add(type, 2, 1, 80, 32, true, 0, 1);
                shapes.Add(type, 2, 2, 7, 4, true, 5, 2);
                shapes.Add(type, 4, 2, 33, 32, false, 65, 1);
                shapes.Add(type, 4, 4, 24, 24, false, 128, 4);
                shapes.Add(type, 2, 1, 130, 130, false, 64, 1);
            }
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Operation_EqualsAutograd(ScalarType type, int heads, int keyHeads, int width, int rotated, bool neighbours, int window, int groups)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(17);
        var problem = new Problem(AttentionShape.Of(heads, keyHeads, width, 1 / Math.Sqrt(width), window, groups, valuesFirst: groups > 1), Packed, rotated, neighbours);
        var x = (randn(Packed.Sum(), (heads + 2 * keyHeads) * width, generator: random) * 1.5).to(type);
        var dy = randn(Packed.Sum(), heads * width, generator: random).to(type);
        var (expected, gradient) = problem.Truth(x, dy);

        var operation = problem.Operation(type);
        var y = operation.Forward(x);
        var dx = operation.Backward(x, y, dy, sum: null);

        Assert.Equal(type, y.dtype);
        AssertNear(expected, y, type);
        AssertNear(gradient, dx, type);
        var sum = randn(x.shape, generator: random).to(type);
        var before = sum.to(ScalarType.Float64);
        Assert.Same(sum, operation.Backward(x, y, dy, sum));
        AssertNear(gradient + before, sum, type);
    }

    [Fact]
    public void Operation_InBf16_IsAsNearToTheTruthAsTorch()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(29);
        var problem = new Problem(AttentionShape.Of(6, 2, 64, 0.125), [200, 77], 64, false);
        // Scores of a trained model are large: rounding them would show.
        var x = (randn(277, 10 * 64, generator: random) * 3).to(ScalarType.BFloat16);
        var dy = randn(277, 6 * 64, generator: random).to(ScalarType.BFloat16);
        var (expected, gradient) = problem.Truth(x, dy);
        var (torchY, torchDx) = problem.Recorded(x, dy, ScalarType.BFloat16);

        var operation = problem.Operation(ScalarType.BFloat16);
        var y = operation.Forward(x);
        var dx = operation.Backward(x, y, dy, sum: null);

        Assert.InRange(Error(y, expected), 0, Error(torchY, expected) * 1.05);
        Assert.InRange(Error(dx, gradient), 0, Error(torchDx, gradient) * 1.05);
    }

    [Fact]
    public void SequencesTogether_EqualEachAloneToTheBit()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(31);
        var shape = AttentionShape.Of(4, 2, 32, 0.2);
        var x = randn(Packed.Sum(), 8 * 32, generator: random);
        var dy = randn(Packed.Sum(), 4 * 32, generator: random);
        var together = new Problem(shape, Packed, 0, false).Operation(ScalarType.Float32);
        var y = together.Forward(x);
        var dx = together.Backward(x, y, dy, sum: null);
        int at = 0;
        foreach (int length in Packed)
        {
            var operation = new Problem(shape, [length], 0, false).Operation(ScalarType.Float32);
            var (own, given) = (x.narrow(0, at, length), dy.narrow(0, at, length));
            var ownY = operation.Forward(own);
            Assert.True(ownY.Equals(y.narrow(0, at, length)), $"y of {length} rows differs.");
            Assert.True(operation.Backward(own, ownY, given, sum: null).Equals(dx.narrow(0, at, length)), $"dx of {length} rows differs.");
            at += length;
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void WhatIsNotANumber_SpreadsToWhoeverSeesIt(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var x = randn(150, 3 * 16).to(type);
        x[100, 20] = float.NaN; // a key
        var y = new Problem(AttentionShape.Of(1, 1, 16, 0.25), [150], 0, false).Operation(type).Forward(x).to(ScalarType.Float32);
        Assert.False(y.narrow(0, 0, 100).isnan().any().item<bool>());
        Assert.True(y.narrow(0, 100, 50).isnan().all().item<bool>());
    }

    // The tiles of processors without a matrix unit serve bf16 too: they must be right on one that has it.
    [Fact]
    public void VectorTiles_OfBf16Rows_EqualAutograd()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(37);
        var shape = AttentionShape.Of(2, 1, 24, 0.2);
        var x = randn(140, 4 * 24, generator: random).to(ScalarType.BFloat16);
        var dy = randn(140, 2 * 24, generator: random).to(ScalarType.BFloat16);
        var (expected, gradient) = new Problem(shape, [140], 0, false).Truth(x, dy);
        var (y, dx) = VectorTiles(shape, x, dy);
        AssertNear(expected, y, ScalarType.BFloat16);
        AssertNear(gradient, dx, ScalarType.BFloat16);
    }

    private static unsafe (Tensor Y, Tensor Dx) VectorTiles(AttentionShape shape, Tensor x, Tensor dy)
    {
        var (y, dx) = (empty_like(dy), empty_like(x));
        var kernel = new CausalAttentionKernel<ushort, BFloat16Lanes, float, SingleTiles>(shape, [(int)x.size(0)], rotary: null);
        var logSums = new float[shape.Queries.Count * x.size(0)];
        kernel.Forward((ushort*)RowLoop.AddressOf(x), (int)x.size(1), (ushort*)RowLoop.AddressOf(y), logSums);
        kernel.Backward((ushort*)RowLoop.AddressOf(x), (int)x.size(1), (ushort*)RowLoop.AddressOf(y), (ushort*)RowLoop.AddressOf(dy), logSums, (ushort*)RowLoop.AddressOf(dx));
        return (y, dx);
    }

    private static double Error(Tensor actual, Tensor expected) => ((actual.to(ScalarType.Float64) - expected).norm() / expected.norm()).item<double>();

    private static void AssertNear(Tensor expected, Tensor actual, ScalarType type)
    {
        double largest = (actual.to(ScalarType.Float64) - expected).abs().max().item<double>() / expected.abs().max().item<double>();
        Assert.InRange(largest, 0, type == ScalarType.BFloat16 ? 1.0 / 64 : 1e-5);
        Assert.InRange(Error(actual, expected), 0, type == ScalarType.BFloat16 ? 1.0 / 100 : 2e-6);
    }

    private sealed class Problem
    {
        private readonly AttentionShape _shape;
        private readonly int[] _lengths;
        private readonly int _rotated;
        private readonly bool _neighbours;
        private readonly float[] _angles;

        public Problem(AttentionShape shape, int[] lengths, int rotated, bool neighbours)
        {
            (_shape, _lengths, _rotated, _neighbours) = (shape, lengths, rotated, neighbours);
            int pairs = rotated / 2;
            _angles = [.. lengths.SelectMany(length => Enumerable.Range(0, length)).SelectMany(position => Enumerable.Range(0, pairs).Select(pair => (float)(position * Math.Pow(100, -(double)pair / pairs))))];
        }

        // The angles in the type that torch gets them in.
        public CausalAttentionOperation Operation(ScalarType type) => new(_shape, _lengths, _rotated == 0 ? null
            : new RotaryAngles([.. _angles.Select(angle => (float)type.Nearest(MathF.Cos(angle)))], [.. _angles.Select(angle => (float)type.Nearest(MathF.Sin(angle)))], _rotated / 2, _neighbours));

        public (Tensor Y, Tensor Dx) Truth(Tensor x, Tensor dy) => Recorded(x, dy, ScalarType.Float64);

        public (Tensor Y, Tensor Dx) Recorded(Tensor x, Tensor dy, ScalarType type)
        {
            var leaf = x.detach().to(type, copy: true).requires_grad_(true);
            var y = Recorded(leaf, x.dtype);
            y.backward([dy.to(type)]);
            return (y.detach().to(ScalarType.Float64), leaf.grad!.to(ScalarType.Float64));
        }

        private Tensor Recorded(Tensor x, ScalarType angles)
        {
            var outputs = new List<Tensor>();
            int at = 0;
            foreach (int length in _lengths)
            {
                var (q, k, v) = (Heads(x, _shape.Queries, at, length), Rotated(Heads(x, _shape.Keys, at, length), at, angles), Heads(x, _shape.Values, at, length));
                var mask = ones([length, length], dtype: ScalarType.Bool).tril();
                if (_shape.Window > 0) mask = mask.triu(1 - _shape.Window);
                bool plain = _shape.Window == 0;
                var y = ScriptKernels.Attention(Rotated(q, at, angles).transpose(0, 1).unsqueeze(0), k.transpose(0, 1).unsqueeze(0), v.transpose(0, 1).unsqueeze(0),
                    plain ? null : mask, causal: plain, _shape.Scale, grouped: _shape.Group > 1);
                outputs.Add(y.squeeze(0).transpose(0, 1).reshape(length, -1));
                at += length;
            }
            return cat(outputs, 0);
        }

        private Tensor Heads(Tensor x, IReadOnlyList<int> columns, int start, int length) =>
            stack([.. columns.Select(column => x.narrow(0, start, length).narrow(1, column, _shape.Width))], 1); // [n, heads, d]

        private Tensor Rotated(Tensor heads, int start, ScalarType angles)
        {
            if (_rotated == 0) return heads;
            int pairs = _rotated / 2;
            var own = tensor(_angles.AsSpan(start * pairs, (int)heads.size(0) * pairs).ToArray(), [heads.size(0), 1, pairs]);
            var (cos, sin) = (cat([own.cos(), own.cos()], -1).to(angles).to(heads.dtype), cat([own.sin(), own.sin()], -1).to(angles).to(heads.dtype));
            return _neighbours ? ScriptKernels.RotatePairs(heads, cos, sin, _rotated) : ScriptKernels.RotateHalf(heads, cos, sin, _rotated);
        }
    }
}
