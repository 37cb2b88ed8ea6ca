using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// LoRA on a projection of all experts of a mixture (PEFT <c>target_parameters</c>, <c>ParamWrapper</c>): every expert has an update of rank r, all stored together as A
/// [r * experts, d1] and B [d2, r * experts] over the parameter [experts, d1, d2], with dW[e] = scale * sum over r of A[e, r, :] B[:, r, e]. d1 is the input in
/// models that store their experts [in, out], as gpt-oss does, and the output elsewhere.
/// </summary>
internal sealed class ExpertLora : MethodAdapter<LoraSpec>
{
    private readonly Dictionary<LayerId, Place> _byCall;

    public ExpertLora(LoraSpec spec, AdapterSite site, FlatParameters parameters)
        : base(spec, site, parameters) => _byCall = Places(spec, site.Modules).ToDictionary(place => place.Target.Call);

    /// <inheritdoc/>
    public override string? WhyNotMerged => null;

    /// <inheritdoc/>
    protected override IReadOnlyList<FlatEntry> Own => Entries(Settings, Site.Modules);

    /// <summary>Names and shapes of what is trained.</summary>
    public static IReadOnlyList<FlatEntry> Entries(AdapterSpec spec, ModuleMap modules) => spec is not LoraSpec lora ? []
        : [.. Places(lora, modules).SelectMany(place => new[] { new FlatEntry(place.A, place.ShapeOfA), new FlatEntry(place.B, place.ShapeOfB, lora.LearningRateRatio) })];

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var place in _byCall.Values)
        {
            if (Settings.Initialisation == "gaussian") Parameters[place.A].normal_(0, 1.0 / place.Rank, random);
            else Initial.KaimingUniform(Parameters[place.A], random);
            if (Settings.Initialisation == LoraStart.Random) Initial.KaimingUniform(Parameters[place.B], random);
            else Parameters[place.B].zero_();
        }
    }

    /// <inheritdoc/>
    public override bool ChangesExperts(LayerId call) => _byCall.ContainsKey(call);

    /// <inheritdoc/>
    public override Tensor ChangeExperts(LayerId call, Tensor x, Tensor y, RowGroups groups, AdapterPass pass)
    {
        var place = _byCall[call];
        var inner = InnerOf(place, x);
        var outer = OuterOf(place, x);
        var rows = x.split([.. groups.Counts.Select(count => (long)count)], 0);
        var updates = new List<Tensor>();
        for (int expert = 0; expert < rows.Length; expert++)
            if (groups.Counts[expert] > 0) updates.Add(rows[expert].matmul(inner[expert]).matmul(outer[expert]));
        return updates.Count == 0 ? y : y + cat(updates, 0) * place.Scale;
    }

    /// <inheritdoc/>
    public override Tensor MergeExpert(LayerId expert, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        foreach (var (call, place) in _byCall)
        {
            if (call.Block != expert.Block) continue;
            foreach (var part in Site.Modules.Config.Describe(call with { Expert = expert.Expert }).Parts)
            {
                if (part.Layer != expert) continue;
                using var scope = NewDisposeScope();
                using var grad = no_grad();
                var update = InnerOf(place, weight)[expert.Expert].matmul(OuterOf(place, weight)[expert.Expert]).t(); // [out of all parts, in]
                return (weight + update.narrow(0, part.Offset, part.Width) * place.Scale).MoveToOuterDisposeScope();
            }
        }
        return weight.clone();
    }

    /// <summary>What is wrong with the target parameters of settings on a model.</summary>
    internal static IEnumerable<string> Problems(LoraSpec spec, ModuleMap modules)
    {
        if (spec.TargetParameters.Count == 0) yield break;
        foreach (string name in spec.TargetParameters.Where(name => !modules.Experts.Any(target => TargetSelection.Matches(target.FullName, name))))
        {
            yield return $"The target parameter '{name}' matches no projection of experts in this model; it has {(modules.Experts.Count == 0 ? "none" : string.Join(", ", modules.Experts.Select(Short).Distinct()))}.";
        }
        if (spec.Dropout > 0) yield return "Target parameters exclude dropout; expected a dropout of 0.";
        if (spec.UseDora) yield return "Target parameters exclude DoRA.";
        if (spec.UseBias) yield return "Target parameters exclude a bias of the update.";
        if (spec.FreezeA) yield return "Target parameters exclude LoRA-FA.";
        if (spec.Initialisation is not (LoraStart.Standard or LoraStart.Random or "gaussian")) yield return $"Target parameters start with true, false or gaussian, not with {spec.Initialisation}.";

        static string Short(ExpertTarget target) => target.FullName[(target.FullName.IndexOf($".{target.Call.Block}.", StringComparison.Ordinal) + $".{target.Call.Block}.".Length)..];
    }

    // [in, r] and [r, out] of every expert: views of the parameters, so that the backward joins them once.
    private Tensor[] InnerOf(Place place, Tensor like) => place.Target.InputsFirst ? RowsOf(place, like).transpose(1, 2).unbind(0) : ColumnsOf(place, like).unbind(2);

    private Tensor[] OuterOf(Place place, Tensor like) => place.Target.InputsFirst ? ColumnsOf(place, like).transpose(0, 1).unbind(2) : RowsOf(place, like).unbind(0);

    private Tensor RowsOf(Place place, Tensor like) => Value(place.A, like).view(place.Target.Count, place.Rank, -1); // [experts, r, d1]

    private Tensor ColumnsOf(Place place, Tensor like) => Value(place.B, like).view(-1, place.Rank, place.Target.Count); // [d2, r, experts]

    // PEFT wraps a module once for each of its parameters, so that all but the last lie within the wrappers of the following.
    private static IEnumerable<Place> Places(LoraSpec spec, ModuleMap modules)
    {
        foreach (var module in modules.Experts.Where(target => spec.TargetParameters.Any(name => TargetSelection.Matches(target.FullName, name))).GroupBy(target => target.Module))
        {
            var targets = module.ToList();
            for (int i = 0; i < targets.Count; i++)
            {
                int rank = ModulePattern.Lookup(spec.RankPattern, targets[i].FullName, spec.Rank);
                double alpha = ModulePattern.Lookup(spec.AlphaPattern, targets[i].FullName, spec.Alpha);
                string prefix = PeftFormat.KeyPrefix + module.Key + string.Concat(Enumerable.Repeat(".base_layer", targets.Count - 1 - i));
                yield return new Place(targets[i], prefix + ".lora_A.weight", prefix + ".lora_B.weight", rank, alpha / (spec.UseRsLora ? Math.Sqrt(rank) : rank));
            }
        }
    }

    private sealed record Place(ExpertTarget Target, string A, string B, int Rank, double Scale)
    {
        public long[] ShapeOfA => [(long)Rank * Target.Count, Target.InputsFirst ? Target.InputFeatures : Target.OutputFeatures];

        public long[] ShapeOfB => [Target.InputsFirst ? Target.OutputFeatures : Target.InputFeatures, (long)Rank * Target.Count];
    }
}
