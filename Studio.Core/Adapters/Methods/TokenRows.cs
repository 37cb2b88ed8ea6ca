using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>Where token rows are trained.</summary>
/// <param name="Module">The embedding, or a projection with one row per token.</param>
/// <param name="Ids">Token ids in the order of the trained rows.</param>
/// <param name="Name">Name of the trained rows in the file.</param>
/// <param name="Head">An output head that shares the embedding's weight, or null.</param>
/// <param name="HeadName">Name under which the file repeats the rows for the head, or null where it does not.</param>
public sealed record TokenPlace(ModuleTarget Module, IReadOnlyList<int> Ids, string Name, ModuleTarget? Head, string? HeadName);

/// <summary>
/// Rows of the vocabulary trained in place of the base's (PEFT <c>TrainableTokensLayer</c>): W with the rows of some tokens replaced by
/// <c>trainable_tokens_delta</c> [tokens, hidden], in the embedding and, where the head shares its weight, there too. A method of its own, or beside another.
/// </summary>
public sealed class TokenRows : MethodAdapter<AdapterSpec>
{
    private const string Suffix = "trainable_tokens_delta";

    private readonly IReadOnlyList<TokenPlace> _places;
    private readonly bool _startsAtBase;
    private readonly Dictionary<string, Replacement> _byModule = new(StringComparer.Ordinal);

    /// <summary>Builds it.</summary>
    /// <param name="spec">Settings of the whole adapter.</param>
    /// <param name="site">What it is built onto.</param>
    /// <param name="parameters">Hold the rows.</param>
    /// <param name="places">Where.</param>
    /// <param name="startsAtBase">Whether the rows start as the base has them; else standard normal.</param>
    public TokenRows(AdapterSpec spec, AdapterSite site, FlatParameters parameters, IReadOnlyList<TokenPlace> places, bool startsAtBase = true)
        : base(spec, site, parameters)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(places);
        _places = places;
        _startsAtBase = startsAtBase;
        using var grad = no_grad();
        foreach (var place in places)
        {
            _byModule[place.Module.Name] = new Replacement(place, site);
            if (place.Head is not null) _byModule[place.Head.Name] = new Replacement(place with { Module = place.Head }, site);
        }
    }

    /// <inheritdoc/>
    public override string? WhyNotMerged => null;

    /// <inheritdoc/>
    protected override IReadOnlyList<FlatEntry> Own => Entries(_places);

    /// <summary>Names and shapes of what is trained.</summary>
    public static IReadOnlyList<FlatEntry> Entries(IReadOnlyList<TokenPlace> places) =>
        [.. places.Select(place => new FlatEntry(place.Name, [place.Ids.Count, Width(place.Module)]))];

    /// <summary>Places of the method of its own; its file repeats the rows for a head that shares them.</summary>
    internal static IReadOnlyList<TokenPlace> OfMethod(TrainableTokensSpec spec, ModuleMap modules)
    {
        var targets = spec.Targets.IsEmpty ? [modules[LayerId.Embedding]] : spec.Targets.Select(modules, TargetKinds.Embedding | TargetKinds.Linear, TrainableTokensSpec.Registration.Title);
        return [.. targets.Where(module => !IsTiedHead(module, modules) || targets.All(other => other.Kind != ModuleKind.Embedding))
            .Select(module => Place(module, spec.TokenIndices, Suffix, modules) with { HeadName = TiedHead(module, modules) is { } head ? PeftFormat.Key(head, Suffix) : null })];
    }

    /// <summary>Places beside another method; what matches nothing is left out here and found by <see cref="Problems"/>.</summary>
    internal static IReadOnlyList<TokenPlace> Beside(AdapterSpec spec, ModuleMap modules)
    {
        if (spec is not ITrainsTokens { Tokens: var tokens }) return [];
        var places = new List<TokenPlace>();
        if (tokens.Embedding.Count > 0) places.Add(Place(modules[LayerId.Embedding], tokens.Embedding, "token_adapter." + Suffix, modules));
        foreach (var (name, ids) in tokens.Modules)
            places.AddRange(Matching(modules, name).Select(module => Place(module, ids, "token_adapter." + Suffix, modules)));
        return places;
    }

    /// <summary>What is wrong with the token rows of settings on a model.</summary>
    internal static IEnumerable<string> Problems(AdapterSpec spec, ModuleMap modules)
    {
        if (spec is not ITrainsTokens { Tokens: var tokens }) return [];
        var places = Beside(spec, modules);
        return
        [
            .. tokens.Modules.Keys.Where(name => !Matching(modules, name).Any())
                .Select(name => $"The module '{name}' of trained tokens matches nothing with a row per token; expected the token embedding or the output head."),
            .. places.Where(place => SavedModules.IsSaved(spec, place.Module)).Select(place => $"{place.Module.Name} is trained as a whole and by token rows; expected one of them."),
            .. places.Where(place => spec is TargetedSpec targeted && targeted.Targets.Problems(modules, targeted.Kinds, "").Count == 0 && targeted.Select(modules).Contains(place.Module))
                .Select(place => $"{place.Module.Name} is a target module and has trained token rows; expected one of them."),
            .. Misfits(places),
        ];
    }

    /// <summary>Ids that a place does not have, or has twice.</summary>
    internal static IEnumerable<string> Misfits(IReadOnlyList<TokenPlace> places)
    {
        foreach (var (module, ids, _, _, _) in places)
        {
            int rows = RowsOf(module);
            if (ids.Where(id => id < 0 || id >= rows).Select(id => (int?)id).FirstOrDefault() is { } outside)
                yield return $"The trained token {outside} is not in {module.Name}; expected ids from 0 to {rows - 1}.";
            if (ids.GroupBy(id => id).FirstOrDefault(group => group.Count() > 1) is { } twice) yield return $"The trained token {twice.Key} is named twice.";
        }
    }

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var place in _places)
        {
            if (!_startsAtBase) Parameters[place.Name].normal_(0, 1, random);
            else Parameters[place.Name].copy_(Site.Weights($"Training tokens of {place.Module.Name} starts from their rows").Rows(place.Module.Layer, _byModule[place.Module.Name].Ids));
        }
    }

    /// <inheritdoc/>
    public override bool ChangesOutput(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return _byModule.ContainsKey(module.Name);
    }

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var replacement = _byModule[module.Name];
        var rows = Value(replacement.Name, y);
        return replacement.Positions is { } positions ? Embed(positions, rows, x, y, Site.Base.Describe(module.Layer).Scale) : Project(replacement, rows, x, y);
    }

    /// <inheritdoc/>
    public override Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        if (!ChangesOutput(module)) return weight.clone();
        using var grad = no_grad();
        var replacement = _byModule[module.Name];
        return weight.index_copy(0, replacement.Ids, Parameters[replacement.Name].to(weight.dtype));
    }

    /// <inheritdoc/>
    public override void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        base.Export(export);
        foreach (var place in _places)
            if (place.HeadName is { } name) export.Weights[name] = Parameters[place.Name];
    }

    /// <inheritdoc/>
    public override void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        base.Import(import);
        foreach (var place in _places)
            if (place.HeadName is { } name) import.Skip(name);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var replacement in _byModule.Values) replacement.Dispose();
        base.Dispose(disposing);
    }

    private static Tensor Embed(Tensor positions, Tensor rows, Tensor ids, Tensor y, double scale)
    {
        var at = positions.index_select(0, ids); // [rows], -1 where the token is not trained
        var replaced = rows.index_select(0, at.clamp_min(0));
        return where(at.ge(0).unsqueeze(1), scale == 1 ? replaced : replaced * y.dtype.Nearest(scale), y);
    }

    private static Tensor Project(Replacement replacement, Tensor rows, Tensor x, Tensor y)
    {
        var outputs = nn.functional.linear(x, rows, replacement.Bias?.to(y.dtype)); // [rows, tokens]
        return y.index_copy(1, replacement.Ids, outputs);
    }

    private static TokenPlace Place(ModuleTarget module, IReadOnlyList<int> ids, string suffix, ModuleMap modules) =>
        new(module, ids, PeftFormat.Key(module, suffix), TiedHead(module, modules), null);

    private static ModuleTarget? TiedHead(ModuleTarget module, ModuleMap modules) =>
        module.Kind == ModuleKind.Embedding && modules.Config.TiedHead ? modules.Find(LayerId.Head) : null;

    private static bool IsTiedHead(ModuleTarget module, ModuleMap modules) =>
        modules.Config.TiedHead && module.Kind == ModuleKind.Linear && module.Layer == LayerId.Head;

    private static IEnumerable<ModuleTarget> Matching(ModuleMap modules, string name) =>
        modules.All.Where(module => module.Kind != ModuleKind.Norm && TargetSelection.Matches(module.Name, name));

    private static int RowsOf(ModuleTarget module) => module.Kind == ModuleKind.Embedding ? module.InputFeatures : module.OutputFeatures;

    private static int Width(ModuleTarget module) => module.Kind == ModuleKind.Embedding ? module.OutputFeatures : module.InputFeatures;

    // What is looked up for every call on a module: the ids, and for the embedding the way back from an id to its trained row.
    private sealed class Replacement : IDisposable
    {
        public Replacement(TokenPlace place, AdapterSite site)
        {
            using var scope = NewDisposeScope();
            Name = place.Name;
            Ids = tensor(place.Ids.Select(id => (long)id).ToArray(), dtype: ScalarType.Int64).to(site.Device).Owned();
            if (place.Module.Kind != ModuleKind.Embedding)
            {
                if (site.Base.Describe(place.Module.Layer).HasBias)
                    Bias = site.Weights($"Training tokens of {place.Module.Name} keeps its bias").Bias(place.Module.Layer)!.index_select(0, Ids).to(site.Type).Owned();
                return;
            }
            Positions = full([RowsOf(place.Module)], -1L, dtype: ScalarType.Int64, device: site.Device)
                .index_copy(0, Ids, arange(place.Ids.Count, dtype: ScalarType.Int64, device: site.Device)).Owned();
        }

        public string Name { get; }

        public Tensor Ids { get; }

        public Tensor? Positions { get; }

        public Tensor? Bias { get; }

        public void Dispose()
        {
            Ids.Dispose();
            Positions?.Dispose();
            Bias?.Dispose();
        }
    }
}
