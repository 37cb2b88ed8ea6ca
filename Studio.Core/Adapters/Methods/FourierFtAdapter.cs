using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// FourierFT (Gao et al. 2024; PEFT <c>FourierFTLayer</c>): dW = scale * Re(ifft2(S)), S [out, in] zero but for n trained real entries, whose places
/// are the first n of a random permutation. Re(ifft2(S)) is the inverse transform of S's even part, which is symmetric: so half of
/// the columns and a real transform suffice.
/// </summary>
public sealed class FourierFtAdapter : WeightDeltaAdapter<FourierFtSpec>
{
    private const string Spectrum = "fourierft_spectrum";

    private readonly AdapterBuffers _places;

    /// <summary>Builds the adapter and draws the places of its frequencies.</summary>
    public FourierFtAdapter(FourierFtSpec spec, AdapterSite site, FlatParameters parameters)
        : base(spec, site, parameters)
    {
        ArgumentNullException.ThrowIfNull(spec);
        _places = new AdapterBuffers(site);
        foreach (var module in Targets)
        {
            if (_places.Has(SourceOf(module))) continue;
            using var scope = NewDisposeScope();
            var (source, place) = HalfSpectrum(Positions(module.OutputFeatures, module.InputFeatures, spec.FrequenciesOf(module), (ulong)spec.PositionSeed), module);
            _places.Set(SourceOf(module), source);
            _places.Set(PlaceOf(module), place);
        }
    }

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = FourierFtSpec.MethodName,
        PeftType = "FOURIERFT",
        Title = "FourierFT",
        Summary = "Trains a few entries of the update's spectrum: very few parameters, a dense update.",
        Source = "Gao et al. 2024, arXiv 2405.03003",
        LearningRates = new LearningRateAdvice(1e-3, 6e-2, "PEFT's FourierFT example (6e-2 at scale 150); 1e-4 hardly learns in PEFT's MetaMathQA comparison; the lower end is this studio's own guess"),
        Defaults = new FourierFtSpec(),
        Settings = FourierFtSpec.Settings,
        Entries = (spec, modules) => [.. ((FourierFtSpec)spec).Select(modules).Select(module => new FlatEntry(PeftFormat.Key(module, Spectrum), [((FourierFtSpec)spec).FrequenciesOf(module)]))],
        Create = (spec, site, parameters) => new FourierFtAdapter((FourierFtSpec)spec, site, parameters),
    };

    /// <summary>Places of the trained entries as PEFT draws them: [2, n], rows and columns of S [out, in].</summary>
    public static Tensor Positions(int outputs, int inputs, int count, ulong seed)
    {
        using var random = new Generator(seed);
        using var all = randperm((long)outputs * inputs, generator: random);
        using var first = all.narrow(0, 0, count);
        using var row = first.div(inputs, RoundingMode.floor);
        using var column = first.remainder(inputs);
        return stack([row, column]);
    }

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets)
        {
            if (Settings.BeginsAtBase) Of(module, Spectrum).zero_();
            else Of(module, Spectrum).normal_(0, 1, random);
        }
    }

    /// <inheritdoc/>
    protected override Tensor Delta(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var spectrum = Of(module, Spectrum);
        long outputs = module.OutputFeatures, inputs = module.InputFeatures, half = inputs / 2 + 1;
        var even = zeros([outputs * half], dtype: spectrum.dtype, device: spectrum.device)
            .index_add(0, _places[PlaceOf(module)], spectrum.index_select(0, _places[SourceOf(module)]), 0.5);
        return fft.irfft2(even.view(outputs, half), [outputs, inputs]) * Settings.Scaling;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _places.Dispose();
        base.Dispose(disposing);
    }

    private string SourceOf(ModuleTarget module) => $"source {module.OutputFeatures} {module.InputFeatures} {Settings.FrequenciesOf(module)}";

    private string PlaceOf(ModuleTarget module) => $"place {module.OutputFeatures} {module.InputFeatures} {Settings.FrequenciesOf(module)}";

    // Half of each entry stays in its place (k, l), half goes to (-k, -l); of both, those in the stored columns count. Which entry, and where in [out, half].
    private static (Tensor Source, Tensor Place) HalfSpectrum(Tensor positions, ModuleTarget module)
    {
        long outputs = module.OutputFeatures, inputs = module.InputFeatures, half = inputs / 2 + 1;
        var rows = cat([positions[0], (-positions[0]).remainder(outputs)]);
        var columns = cat([positions[1], (-positions[1]).remainder(inputs)]);
        var entry = arange(positions.shape[1], dtype: ScalarType.Int64).repeat(2);
        var stored = columns.less(half).nonzero().view(-1);
        return (entry.index_select(0, stored), (rows * half + columns).index_select(0, stored));
    }
}
