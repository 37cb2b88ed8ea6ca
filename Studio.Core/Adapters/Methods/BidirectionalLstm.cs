using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// A bidirectional LSTM over one short sequence, with torch's names and gate order (input, forget, cell, output):
/// c = f c + i g, h = o tanh(c). The parameters stay in flat buffers, which torch's own module would not allow.
/// </summary>
internal static class BidirectionalLstm
{
    private static readonly string[] Directions = ["", "_reverse"];

    /// <summary>Names and shapes of all layers.</summary>
    public static IEnumerable<FlatEntry> Entries(string prefix, long inputs, long width, int layers)
    {
        for (int layer = 0; layer < layers; layer++)
        {
            foreach (string direction in Directions)
            {
                yield return new FlatEntry($"{prefix}weight_ih_l{layer}{direction}", [4 * width, layer == 0 ? inputs : 2 * width]);
                yield return new FlatEntry($"{prefix}weight_hh_l{layer}{direction}", [4 * width, width]);
                yield return new FlatEntry($"{prefix}bias_ih_l{layer}{direction}", [4 * width]);
                yield return new FlatEntry($"{prefix}bias_hh_l{layer}{direction}", [4 * width]);
            }
        }
    }

    /// <summary>One layer: x [n, in] to [n, 2 * width], forward states first.</summary>
    public static Tensor Forward(Tensor x, Func<string, Tensor> parameter, int layer) =>
        cat([.. Directions.Select(direction => OneDirection(x, parameter, $"_l{layer}{direction}", reversed: direction.Length > 0))], 1);

    private static Tensor OneDirection(Tensor x, Func<string, Tensor> parameter, string suffix, bool reversed)
    {
        var recurrent = parameter("weight_hh" + suffix);
        var inputs = nn.functional.linear(x, parameter("weight_ih" + suffix), parameter("bias_ih" + suffix) + parameter("bias_hh" + suffix)).unbind(0);
        var outputs = new Tensor[inputs.Length];
        Tensor? h = null, c = null;
        for (int step = 0; step < inputs.Length; step++)
        {
            int at = reversed ? inputs.Length - 1 - step : step;
            var gates = (h is null ? inputs[at] : inputs[at] + recurrent.mv(h)).chunk(4); // [width] each
            var fresh = gates[0].sigmoid() * gates[2].tanh();
            c = c is null ? fresh : gates[1].sigmoid() * c + fresh;
            h = gates[3].sigmoid() * c.tanh();
            outputs[at] = h;
        }
        return stack(outputs, 0);
    }
}
