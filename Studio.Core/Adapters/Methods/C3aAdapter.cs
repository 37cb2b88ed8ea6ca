using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters.Methods;

/// <summary>
/// C3A (Chen et al. 2024; PEFT <c>C3ALayer</c>): dW consists of circulant blocks. With a kernel w [out/b, in/b, b],
/// dW[m b + k, n b + j] = w[m, n, (j - k) mod b] / in, so y_m += sum over n of irfft(rfft(x_n) conj(rfft(w_mn))) / in.
/// PEFT (0.18 to 0.20) hands x the gradient of the mirrored convolution, irfft(conj(rfft(x_n)) rfft(w_mn)): kernels get their true gradient for the
/// dy that arrives, but layers below get another dy. Runs follow PEFT unless <see cref="C3aSpec.ExactGradient"/> asks for the true one.
/// </summary>
public sealed class C3aAdapter(C3aSpec spec, AdapterSite site, FlatParameters parameters) : WeightDeltaAdapter<C3aSpec>(spec, site, parameters)
{
    private const string Kernel = "c3a_kernel";

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = C3aSpec.MethodName,
        PeftType = "C3A",
        Title = "C3A",
        Summary = "Adds circular convolutions, block by block: full rank with few parameters, computed by fast Fourier transforms.",
        Source = "Chen et al. 2024, arXiv 2407.19342",
        LearningRates = new LearningRateAdvice(1e-1, 3e-1, "PEFT's C3A page (1e-1 to start with) and MetaMathQA comparison (3e-1 at block size 64, weight decay 1e-5)"),
        Defaults = new C3aSpec(),
        Settings = C3aSpec.Settings,
        Entries = (spec, modules) => Entries((C3aSpec)spec, modules),
        Create = (spec, site, parameters) => new C3aAdapter((C3aSpec)spec, site, parameters),
    };

    /// <inheritdoc/>
    public override void Initialize(Generator random)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        foreach (var module in Targets)
        {
            var kernel = Of(module, Kernel);
            double xavier = Math.Sqrt(6.0 / (module.InputFeatures + module.OutputFeatures)), kaiming = 1 / Math.Sqrt(module.InputFeatures);
            if (Settings.InitWeights == "true") kernel.zero_();
            else if (Settings.InitWeights == "gaussian") kernel.normal_(0, 1, random);
            else if (Settings.InitWeights == "kaiming_uniform") kernel.uniform_(-kaiming, kaiming, random);
            else kernel.uniform_(-xavier, xavier, random);
        }
    }

    /// <inheritdoc/>
    public override Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        // In the adapter's type: transforms do not exist in bf16.
        int size = Settings.BlockSizeOf(module);
        var input = x.to(Of(module, Kernel).dtype).reshape(-1, module.InputFeatures / size, size); // [rows, n, b]
        var kernel = fft.rfft(Of(module, Kernel)); // [m, n, b/2+1]
        Tensor change;
        if (Settings.ExactGradient || !x.requires_grad) change = Product(fft.rfft(input), kernel.conj(), size);
        else
        {
            // The values of the convolution, and towards x the gradient of its mirror image.
            var mirrored = Product(fft.rfft(input).conj(), kernel.detach(), size);
            change = Product(fft.rfft(input.detach()), kernel.conj(), size) + (mirrored - mirrored.detach());
        }
        return y + (change.reshape(-1, module.OutputFeatures) / module.InputFeatures).to(y.dtype);
    }

    /// <inheritdoc/>
    protected override Tensor Delta(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        var kernel = Of(module, Kernel);
        long size = Settings.BlockSizeOf(module), blocksOut = module.OutputFeatures / size, blocksIn = module.InputFeatures / size;
        var step = arange(size, dtype: ScalarType.Int64, device: kernel.device);
        var which = (step.unsqueeze(0) - step.unsqueeze(1)).remainder(size).view(-1); // (j - k) mod b at [k, j]
        return kernel.index_select(2, which).view(blocksOut, blocksIn, size, size).transpose(1, 2).reshape(module.OutputFeatures, module.InputFeatures) / module.InputFeatures;
    }

    // One complex product [rows, n] [n, m] a frequency; back to [rows, m, b].
    private static Tensor Product(Tensor inputs, Tensor kernels, int size) =>
        fft.irfft(inputs.permute(2, 0, 1).matmul(kernels.permute(2, 1, 0)).permute(1, 2, 0), size);

    private static List<FlatEntry> Entries(C3aSpec spec, ModuleMap modules)
    {
        var entries = new List<FlatEntry>();
        foreach (var module in spec.Select(modules))
        {
            int size = spec.BlockSizeOf(module);
            entries.Add(new FlatEntry(PeftFormat.Key(module, Kernel), [module.OutputFeatures / size, module.InputFeatures / size, size]));
        }
        return entries;
    }
}
