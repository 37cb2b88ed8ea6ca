using Studio.Core.Execution;
using Studio.Core.Models;

namespace Studio.Bench.Measure;

/// <summary>
/// What the machine reaches on the products of one model's training step alone: every forward and backward base call on its own weights, each at
/// its best over some rounds, weighted by its operations.
/// </summary>
internal static class GemmPeak
{
    /// <summary>Multiply-adds count as two: floating point operations a second.</summary>
    /// <param name="model">Its layers are called without the executor.</param>
    /// <param name="rows">Rows of every call.</param>
    /// <param name="rounds">Best of how many.</param>
    public static double Measure(BaseModel model, int rows, int rounds = 5) => ProductPeak.Measure(model.Layers, model.Config.BaseCalls(), rows, rounds);

    /// <summary>Weights multiplied per token, the head included, the embedding look-up not.</summary>
    public static long MultipliedWeights(BaseModel model) => model.Config.BaseCalls().Where(layer => layer != LayerId.Embedding).Distinct().Sum(layer => Multiplied(model, layer));

    private static long Multiplied(BaseModel model, LayerId layer)
    {
        var description = model.Layers.Describe(layer);
        return (long)description.InputFeatures * description.OutputFeatures;
    }
}
