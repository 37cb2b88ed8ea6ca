using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;

namespace Studio.Web.FineTunes;

/// <summary>Ways to choose target modules.</summary>
public enum TargetChoice
{
    /// <summary>Every linear layer but the head.</summary>
    AllLinear,

    /// <summary>The projections of attention.</summary>
    Attention,

    /// <summary>Those that the user ticks.</summary>
    Custom,
}

/// <summary>What a form holds of an adapter's settings. A number is null while its text is not one.</summary>
public class AdapterForm
{
    private static readonly LoraSpec StandIn = RunPreset.Balanced.Adapter;
    private static readonly string[] AttentionNames = ["q_proj", "k_proj", "v_proj", "o_proj", "qkv_proj", "out_proj"];

    /// <summary>Methods that a form can set up.</summary>
    public static IReadOnlyList<AdapterMethod> Methods { get; } = [.. AdapterMethods.All.Where(method => method.Name == LoraSpec.MethodName)];

    public string Name { get; set; } = "";

    public string? ModelId { get; set; }

    public string Method { get; set; } = LoraSpec.MethodName;

    public int? Rank { get; set; }

    public double? Alpha { get; set; }

    public bool UseRsLora { get; set; }

    public double? Dropout { get; set; }

    public TargetChoice Targets { get; set; }

    /// <summary>Modules that are ticked; they count when <see cref="Targets"/> is custom.</summary>
    public ISet<string> CustomTargets { get; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>Modules that the chosen model has.</summary>
    public IReadOnlyList<string> KnownTargets { get; set; } = [];

    /// <summary>What the update is multiplied with: alpha / rank, or alpha / √rank (Kalajdzievski 2023); null while either is missing.</summary>
    public double? EffectiveScale => Rank is > 0 && Alpha is { } alpha ? alpha / (UseRsLora ? Math.Sqrt(Rank.Value) : Rank.Value) : null;

    /// <summary>Takes over settings; the name and the model stay.</summary>
    public void Apply(LoraSpec adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        (Rank, Alpha, UseRsLora, Dropout, Targets) = (adapter.Rank, adapter.Alpha, adapter.UseRsLora, adapter.Dropout, TargetChoice.AllLinear);
    }

    /// <summary>The adapter's settings; the engine's default stands in for what is not readable.</summary>
    public AdapterSpec ToSpec() => new LoraSpec
    {
        Rank = Rank ?? StandIn.Rank,
        Alpha = Alpha ?? StandIn.Alpha,
        UseRsLora = UseRsLora,
        Dropout = Dropout ?? StandIn.Dropout,
        Targets = ToSelection(),
    };

    /// <summary>Fields of the adapter whose text is not a number.</summary>
    /// <param name="fields">The form's fields.</param>
    protected IEnumerable<FormField> UnreadableAdapter(AdapterFieldSet fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        if (Rank is null)
            yield return fields.Rank;
        if (Alpha is null)
            yield return fields.Alpha;
        if (Dropout is null)
            yield return fields.Dropout;
    }

    private TargetSelection ToSelection() => Targets switch
    {
        TargetChoice.Attention => TargetSelection.Of([.. KnownTargets.Where(name => AttentionNames.Contains(name, StringComparer.Ordinal))]),
        TargetChoice.Custom => TargetSelection.Of([.. CustomTargets]),
        _ => TargetSelection.Everything,
    };
}
