using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Support;

namespace Studio.Tests.Adapters.Methods;

public sealed class LokrAdapterTests : TensorTest
{
    private static readonly LokrSpec Spec = new() { Rank = 1, Alpha = 3, Targets = TargetSelection.Of("q_proj", "v_proj", "down_proj") };

    public static TheoryData<int, int, bool> Shapes => new() { { -1, 1, false }, { 4, 1, true }, { 8, 2, false }, { 5, 2, true }, { 2, 16, true } };

    [Theory]
    [InlineData("lokr")]
    [InlineData("lokr_decompose_both")]
    public void Save_AfterLoadingPeftsFolder_WritesTheSame(string name) => MethodProof.RoundTrip("llama", name);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradients_FromTheTape_EqualFiniteDifferences(int factor, int rank, bool both) =>
        MethodProof.Gradients(Spec with { DecomposeFactor = factor, Rank = rank, DecomposeBoth = both });

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Change_OfUnevenModules_EqualsTheDenseFormula(int factor, int rank, bool both) =>
        MethodProof.ActsLike(Spec with { DecomposeFactor = factor, Rank = rank, DecomposeBoth = both }, (module, values) =>
        {
            var shape = KroneckerShape.Of(module, factor);
            double[,] left = Factor("lokr_w1", shape.LeftOut, shape.LeftIn), right = Factor("lokr_w2", shape.RightOut, shape.RightIn);
            return MethodProof.Matrix(module.OutputFeatures, module.InputFeatures,
                (i, j) => left[i / shape.RightOut, j / shape.RightIn] * right[i % shape.RightOut, j % shape.RightIn] * 3 / rank);

            double[,] Factor(string name, int rows, int columns)
            {
                try
                {
                    double[] whole = values(name);
                    return MethodProof.Matrix(rows, columns, (i, j) => whole[i * columns + j]);
                }
                catch (KeyNotFoundException)
                {
                    return MethodProof.Product(values(name + "_a"), values(name + "_b"), rows, rank, columns);
                }
            }
        });

    // The examples of the reference's documentation, and what its loop gives for primes and for factors that do not divide.
    [Theory]
    [InlineData(256, -1, 16, 16)]
    [InlineData(128, -1, 8, 16)]
    [InlineData(127, -1, 1, 127)]
    [InlineData(128, 4, 4, 32)]
    [InlineData(12, 5, 3, 4)]
    [InlineData(10, 3, 2, 5)]
    [InlineData(40, 20, 20, 2)]
    public void Factors_OfASize_AreTheReferences(int size, int factor, int left, int right) => Assert.Equal((left, right), KroneckerShape.Factors(size, factor));

    [Theory]
    [InlineData("true")]
    [InlineData("lycoris")]
    public void Initialize_ByDefault_BeginsAtTheBase(string start) => MethodProof.BeginsAtBase(Spec with { InitWeights = start, DecomposeBoth = true, DecomposeFactor = 4 });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Training_WithDropouts_IsReproducible(bool scaled) => MethodProof.DropsReproducibly(Spec with { RankDropout = 0.5, RankDropoutScale = scaled, ModuleDropout = 0.2 });

    [Fact]
    public void Build_FactorZero_IsRefused() =>
        Assert.Contains("Size of the left factor is 0; expected -1, or a whole number from 1", MethodProof.Refusal(Spec with { DecomposeFactor = 0 }), StringComparison.Ordinal);
}
