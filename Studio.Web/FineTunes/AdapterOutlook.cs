using Studio.Core.Adapters;
using Studio.Core.Serving;

namespace Studio.Web.FineTunes;

/// <summary>What is known of an adapter's settings before it is made.</summary>
/// <param name="Method">The method.</param>
/// <param name="Advice">Sizes, scale and learning rates.</param>
/// <param name="Problems">What is wrong, one sentence each.</param>
/// <param name="Idle">What would learn nothing, one sentence each.</param>
public sealed record AdapterOutlook(AdapterMethod Method, AdapterAdvice Advice, IReadOnlyList<string> Problems, IReadOnlyList<string> Idle)
{
    /// <summary>Asks the engine about the adapter of a form.</summary>
    /// <param name="form">The form.</param>
    /// <param name="modelId">The chosen base model.</param>
    /// <param name="adapters">Who knows what fits it.</param>
    /// <param name="learningRate">The rate it is to be trained with; null where it is not.</param>
    public static AdapterOutlook Of(AdapterForm form, string modelId, IAdapterService adapters, double? learningRate = null)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(adapters);
        var spec = form.ToSpec();
        var problems = adapters.Check(spec, modelId);
        // Sizes of a number that stands in for an unreadable one would mislead.
        bool sized = problems.Count == 0 && form.IsReadable;
        var advice = AdapterAdvice.Of(spec, form.Method, sized ? adapters.CountParameters(spec, modelId) : null, learningRate) with { Scale = form.Scale };
        return new AdapterOutlook(form.Method, advice, problems, sized ? adapters.Idle(spec, modelId) : []);
    }
}
