using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Studio.Core.Training;

namespace Studio.Bench.Verify;

/// <summary>Optimizer settings of a trace, from its trace.json; absent values are those of <c>torch.optim.AdamW</c> in the reference.</summary>
/// <param name="Optimizer">Constants of AdamW.</param>
/// <param name="MaximumNorm">Largest global gradient norm; 0 = no clipping.</param>
internal sealed partial record TraceSettings(AdamWOptions Optimizer, double MaximumNorm)
{
    public static TraceSettings Read(string path)
    {
        if (!File.Exists(path)) return new TraceSettings(new AdamWOptions(), 0);
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        var root = document.RootElement;
        var options = new AdamWOptions();
        if (root.TryGetProperty("optimizer", out var optimizer) && optimizer.ValueKind == JsonValueKind.Object)
        {
            if (optimizer.TryGetProperty("betas", out var betas)) options = options with { Beta1 = betas[0].GetDouble(), Beta2 = betas[1].GetDouble() };
            if (optimizer.TryGetProperty("eps", out var epsilon)) options = options with { Epsilon = epsilon.GetDouble() };
            if (optimizer.TryGetProperty("weight_decay", out var decay)) options = options with { WeightDecay = decay.GetDouble() };
        }
        var clip = root.TryGetProperty("schedule", out var schedule) && schedule.ValueKind == JsonValueKind.String ? Clip().Match(schedule.GetString()!) : Match.Empty;
        return new TraceSettings(options, clip.Success ? double.Parse(clip.Groups[1].Value, CultureInfo.InvariantCulture) : 0);
    }

    [GeneratedRegex(@"clip_grad_norm\s+([0-9.eE+-]+)", RegexOptions.CultureInvariant)]
    private static partial Regex Clip();
}
