using System.Globalization;
using Studio.Core.Generation;

namespace Studio.Web.Playground;

/// <summary>A setting that the model has a default for.</summary>
/// <param name="Name">As the settings panel calls it.</param>
/// <param name="Value">The model's value.</param>
/// <param name="IsChanged">Whether the form holds another one.</param>
public sealed record SamplingSource(string Name, string Value, bool IsChanged);

/// <summary>Where the defaults of the settings come from.</summary>
public static class SamplingOrigins
{
    private static readonly string[] Draws =
        [nameof(SamplingSettings.Temperature), nameof(SamplingSettings.TopK), nameof(SamplingSettings.TopP), nameof(SamplingSettings.MinP)];

    /// <summary>The settings that the model's generation_config.json gives a default for.</summary>
    public static IReadOnlyList<SamplingSource> Of(GenerationDefaults defaults, SamplingForm form)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        ArgumentNullException.ThrowIfNull(form);
        var (model, mine) = (defaults.Sampling, form.ToSettings(defaults.Sampling));
        return [.. defaults.FromModel.Select(property =>
        {
            var (name, value) = Describe(property, model);
            // A greedy answer draws nothing: its form shows no drawing settings, so none of them was changed.
            return new SamplingSource(name, value, value != Describe(property, mine).Value && !(form.Greedy && Draws.Contains(property)));
        })];
    }

    private static (string Name, string Value) Describe(string property, SamplingSettings settings) => property switch
    {
        nameof(settings.Greedy) => (SamplingFields.Decoding.Label, settings.Greedy ? "greedy" : "sampling"),
        nameof(settings.Temperature) => (SamplingFields.Temperature.Label, Number(settings.Temperature)),
        nameof(settings.TopK) => (SamplingFields.TopK.Label, Number(settings.TopK)),
        nameof(settings.TopP) => (SamplingFields.TopP.Label, Number(settings.TopP)),
        nameof(settings.MinP) => (SamplingFields.MinP.Label, Number(settings.MinP)),
        nameof(settings.RepetitionPenalty) => (SamplingFields.RepetitionPenalty.Label, Number(settings.RepetitionPenalty)),
        nameof(settings.MaxNewTokens) => (SamplingFields.MaxNewTokens.Label, Number(settings.MaxNewTokens)),
        nameof(settings.Stop) => (SamplingFields.Stop.Label, string.Join(", ", settings.Stop.Select(text => $"'{text.Replace("\n", "\\n", StringComparison.Ordinal)}'"))),
        nameof(settings.NoRepeatNgramSize) => ("No-repeat n-gram size", Number(settings.NoRepeatNgramSize)),
        nameof(settings.MinNewTokens) => ("Shortest answer", Number(settings.MinNewTokens)),
        nameof(settings.TypicalP) => ("Typical-p", Number(settings.TypicalP)),
        nameof(settings.EpsilonCutoff) => ("Epsilon cutoff", Number(settings.EpsilonCutoff)),
        nameof(settings.EtaCutoff) => ("Eta cutoff", Number(settings.EtaCutoff)),
        nameof(settings.BadWords) => ("Bad words", Number(settings.BadWords.Count)),
        nameof(settings.SuppressTokens) => ("Suppressed tokens", Number(settings.SuppressTokens.Count)),
        _ => throw new ArgumentException($"The setting '{property}' has no name on the page.", nameof(property)),
    };

    private static string Number(double value) => value.ToString("0.######", CultureInfo.CurrentCulture);
}
