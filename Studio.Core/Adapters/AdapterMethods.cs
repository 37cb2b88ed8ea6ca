using Studio.Core.Adapters.Methods;
using Studio.Core.Models;
using Studio.Core.Tensors;

namespace Studio.Core.Adapters;

/// <summary>One registered method. Each method's file declares its own.</summary>
public sealed record AdapterMethod
{
    /// <summary>Our name, for example <c>lora</c>.</summary>
    public required string Name { get; init; }

    /// <summary>PEFT's name, for example <c>LORA</c>; null for methods that PEFT does not have.</summary>
    public required string? PeftType { get; init; }

    /// <summary>What <c>peft_type</c> says in adapter_config.json: PEFT's name, or one of our own that PEFT refuses as unknown.</summary>
    public string FileType => PeftType ?? "STUDIO_" + Name.ToUpperInvariant();

    /// <summary>Name for people.</summary>
    public required string Title { get; init; }

    /// <summary>What it does to the base and what it is good for, one or two sentences.</summary>
    public required string Summary { get; init; }

    /// <summary>Where it comes from: authors, year, arXiv number.</summary>
    public required string Source { get; init; }

    /// <summary>A learning rate range that works for it, and who says so.</summary>
    public required LearningRateAdvice LearningRates { get; init; }

    /// <summary>The usual settings.</summary>
    public required AdapterSpec Defaults { get; init; }

    /// <summary>Its settings.</summary>
    public required IReadOnlyList<MethodSetting> Settings { get; init; }

    /// <summary>The settings as the shapes of a file's tensors show them, for methods whose config does not tell the whole truth.</summary>
    public Func<AdapterSpec, IReadOnlyDictionary<string, long[]>, AdapterSpec> Observe { get; init; } = (spec, _) => spec;

    /// <summary>Names and shapes of its trainable tensors on a model.</summary>
    public required Func<AdapterSpec, ModuleMap, IReadOnlyList<FlatEntry>> Entries { get; init; }

    /// <summary>Builds it without values over parameters that hold at least its entries.</summary>
    public required Func<AdapterSpec, AdapterSite, FlatParameters, IAdapter> Create { get; init; }
}

/// <summary>Learning rates that a method's authors or its reference implementation use.</summary>
/// <param name="Lowest">Lower end.</param>
/// <param name="Highest">Upper end.</param>
/// <param name="Source">Who says so.</param>
public sealed record LearningRateAdvice(double Lowest, double Highest, string Source);

/// <summary>All methods. A new method is a new file and one line here.</summary>
public static class AdapterMethods
{
    /// <summary>The registered methods.</summary>
    public static IReadOnlyList<AdapterMethod> All { get; } =
    [
        LoraAdapter.Registration,
        VeraAdapter.Registration,
        VbLoraAdapter.Registration,
        RandLoraAdapter.Registration,
        DeloraAdapter.Registration,
        LohaAdapter.Registration,
        LokrAdapter.Registration,
        FourierFtAdapter.Registration,
        C3aAdapter.Registration,
        MissAdapter.Registration,
        ShiraAdapter.Registration,
        AdaLoraAdapter.Registration,
        TrainableTokensSpec.Registration,
        Ia3Adapter.Registration,
        LnTuningAdapter.Registration,
        OftAdapter.Registration,
        BoftAdapter.Registration,
        HraAdapter.Registration,
        RoadAdapter.Registration,
        PrefixTuningAdapter.Registration,
        PromptTuningAdapter.Registration,
        PTuningAdapter.Registration,
        BottleneckAdapter.Registration,
        BitFit.Registration,
    ];

    /// <summary>A method by name.</summary>
    /// <exception cref="NotSupportedException">No such method.</exception>
    public static AdapterMethod Named(string name) =>
        All.FirstOrDefault(method => method.Name == name) ?? throw new NotSupportedException($"The adapter method '{name}' is not supported; supported are {string.Join(", ", All.Select(m => m.Name))}.");

    /// <summary>A method by the name that its files have.</summary>
    /// <exception cref="NotSupportedException">No such method.</exception>
    public static AdapterMethod ForPeftType(string peftType) =>
        All.FirstOrDefault(method => method.FileType == peftType)
            ?? throw new NotSupportedException($"The PEFT type '{peftType}' is not supported; supported are {string.Join(", ", All.Select(m => m.FileType))}.");

    /// <summary>Builds an adapter without values.</summary>
    /// <exception cref="ArgumentException">The settings do not fit the model; the message says which and what is expected.</exception>
    /// <exception cref="NotSupportedException">The method needs more of the base than it offers.</exception>
    public static IAdapter Build(AdapterSpec spec, AdapterSite site)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(site);
        spec = spec.On(site.Modules);
        var method = Named(spec.Method);
        var parameters = new FlatParameters(Entries(spec, site.Modules), site.Device, site.Type, site.StateFiles);
        var parts = new List<IAdapter>();
        try
        {
            parts.Add(method.Create(spec, site, parameters));
            parts.AddRange(TrainedBeside.Create(spec, site, parameters));
            return parts.Count == 1 ? parts[0] : new CompositeAdapter(spec, parameters, parts);
        }
        catch
        {
            foreach (var part in parts) part.Dispose();
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>Number of trainable parameters that settings give on a model, without building anything.</summary>
    /// <exception cref="ArgumentException">The settings do not fit the model; the message says which and what is expected.</exception>
    public static long CountParameters(AdapterSpec spec, ModuleMap modules) => Entries(spec.On(modules), modules).Sum(entry => entry.Count);

    private static List<FlatEntry> Entries(AdapterSpec spec, ModuleMap modules)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var problems = spec.Problems(modules);
        if (problems.Count > 0) throw new ArgumentException(string.Join(" ", problems), nameof(spec));
        return [.. Named(spec.Method).Entries(spec, modules), .. TrainedBeside.Entries(spec, modules)];
    }
}
