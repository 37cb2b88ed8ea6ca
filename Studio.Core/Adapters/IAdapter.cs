using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>
/// A set of trainable tensors and the places where it acts. An adapter sees its own inputs and the base's outputs, asks the base only
/// through its <see cref="AdapterSite"/>, and changes nothing shared. All tensors it returns belong to the caller's dispose scope.
/// Methods derive from <see cref="Adapter"/>, whose answers are neutral, and override what they need.
/// </summary>
public interface IAdapter : IDisposable
{
    /// <summary>Its settings.</summary>
    AdapterSpec Spec { get; }

    /// <summary>Its trainable tensors under the names they have in adapter_model.safetensors.</summary>
    FlatParameters Parameters { get; }

    /// <summary>Sets the initial values; all randomness comes from the generator.</summary>
    void Initialize(Generator random);

    /// <summary>Begins a forward: derives the tensors that several places share (<see cref="AdapterPass.Share"/>).</summary>
    void BeginPass(AdapterPass pass);

    /// <summary>Whether <see cref="TransformInput"/> acts on a module.</summary>
    bool TransformsInput(ModuleTarget module);

    /// <summary>Replaces the input x [rows, in] of a projection.</summary>
    Tensor TransformInput(ModuleTarget module, Tensor x, AdapterPass pass);

    /// <summary>Whether <see cref="ChangeOutput"/> acts on a module.</summary>
    bool ChangesOutput(ModuleTarget module);

    /// <summary>Changes or replaces a projection's output y [rows, out]; x is what the base saw (token ids for the embedding).</summary>
    Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass);

    /// <summary>Whether <see cref="ChangeExperts"/> acts on a call over all experts of a block.</summary>
    bool ChangesExperts(LayerId call);

    /// <summary>Changes the output y [rows, out] (all parts of the call) of all experts of a block; x [rows, in]; both sorted by expert.</summary>
    Tensor ChangeExperts(LayerId call, Tensor x, Tensor y, RowGroups groups, AdapterPass pass);

    /// <summary>Weights that replace a norm's, or null to keep them.</summary>
    NormWeights? OverrideNorm(NormId norm, NormWeights frozen, AdapterPass pass);

    /// <summary>Virtual tokens put before every sequence.</summary>
    int VirtualTokens { get; }

    /// <summary>Their embeddings, [<see cref="VirtualTokens"/>, hidden].</summary>
    Tensor VirtualEmbeddings(AdapterPass pass);

    /// <summary>Extra keys and values put before every sequence's own.</summary>
    int PrefixLength { get; }

    /// <summary>Those of one block, each [<see cref="PrefixLength"/>, kv_heads, head_dim].</summary>
    KeyValues Prefix(int block, AdapterPass pass);

    /// <summary>Whether <see cref="AfterSublayer"/> acts.</summary>
    bool ActsAfter(SublayerId sublayer);

    /// <summary>Changes a sublayer's output before it joins the residual stream; both [rows, hidden].</summary>
    Tensor AfterSublayer(SublayerId sublayer, Tensor input, Tensor output, AdapterPass pass);

    /// <summary>A scalar to add to the loss, or null.</summary>
    Tensor? ExtraLoss(AdapterPass pass);

    /// <summary>Called when the gradients of a step are in <see cref="FlatParameters.Gradients"/>, before clipping, with the values held for writing.</summary>
    void AfterBackward(AdapterStep step);

    /// <summary>Called after the optimizer step, with the values held for writing and the (clipped) gradients still there.</summary>
    void AfterStep(AdapterStep step);

    /// <summary>Names what its files hold. Runs in a dispose scope of the caller, without gradients.</summary>
    void Export(AdapterExport export);

    /// <summary>Takes its values from files, in place. Runs in a dispose scope of the caller, without gradients.</summary>
    void Import(AdapterImport import);

    /// <summary>Why its effect cannot be written into base weights (PEFT <c>merge_and_unload</c>), or null where it can.</summary>
    string? WhyNotMerged { get; }

    /// <summary>The weight that acts like base and adapter together.</summary>
    /// <param name="module">A projection, the embedding or a norm.</param>
    /// <param name="weight">Its base weight in the adapter's type, [out, in] (norm [width]; embedding [vocabulary, hidden]); not changed.</param>
    /// <returns>A new tensor of the same shape; equal to <paramref name="weight"/> where the adapter does not act on the module.</returns>
    /// <exception cref="NotSupportedException"><see cref="WhyNotMerged"/> says why.</exception>
    Tensor MergeWeight(ModuleTarget module, Tensor weight);

    /// <summary>The weight that acts like base and adapter together, for a projection of one expert.</summary>
    /// <param name="expert">The unfused layer of one expert.</param>
    /// <param name="weight">Its base weight [out, in]; not changed.</param>
    /// <returns>A new tensor of the same shape.</returns>
    /// <exception cref="NotSupportedException"><see cref="WhyNotMerged"/> says why.</exception>
    Tensor MergeExpert(LayerId expert, Tensor weight);

    /// <summary>The bias that acts like base and adapter together, [out].</summary>
    /// <param name="module">A projection or a norm.</param>
    /// <param name="bias">Its base bias, or null where it has none; not changed.</param>
    /// <returns>A new tensor; null where there is no bias and none is needed.</returns>
    /// <exception cref="NotSupportedException"><see cref="WhyNotMerged"/> says why.</exception>
    Tensor? MergeBias(ModuleTarget module, Tensor? bias);
}

/// <summary>Neutral answers to every hook: a method overrides the ones it uses.</summary>
public abstract class Adapter : IAdapter
{
    /// <inheritdoc/>
    public abstract AdapterSpec Spec { get; }

    /// <inheritdoc/>
    public abstract FlatParameters Parameters { get; }

    /// <inheritdoc/>
    public virtual int VirtualTokens => 0;

    /// <inheritdoc/>
    public virtual int PrefixLength => 0;

    /// <inheritdoc/>
    public abstract void Initialize(Generator random);

    /// <inheritdoc/>
    public virtual void BeginPass(AdapterPass pass)
    {
    }

    /// <inheritdoc/>
    public virtual bool TransformsInput(ModuleTarget module) => false;

    /// <inheritdoc/>
    public virtual Tensor TransformInput(ModuleTarget module, Tensor x, AdapterPass pass) => x;

    /// <inheritdoc/>
    public virtual bool ChangesOutput(ModuleTarget module) => false;

    /// <inheritdoc/>
    public virtual Tensor ChangeOutput(ModuleTarget module, Tensor x, Tensor y, AdapterPass pass) => y;

    /// <inheritdoc/>
    public virtual bool ChangesExperts(LayerId call) => false;

    /// <inheritdoc/>
    public virtual Tensor ChangeExperts(LayerId call, Tensor x, Tensor y, RowGroups groups, AdapterPass pass) => y;

    /// <inheritdoc/>
    public virtual NormWeights? OverrideNorm(NormId norm, NormWeights frozen, AdapterPass pass) => null;

    /// <inheritdoc/>
    public virtual Tensor VirtualEmbeddings(AdapterPass pass) => throw new NotSupportedException($"{Spec.Method} has no virtual tokens.");

    /// <inheritdoc/>
    public virtual KeyValues Prefix(int block, AdapterPass pass) => throw new NotSupportedException($"{Spec.Method} has no prefix.");

    /// <inheritdoc/>
    public virtual bool ActsAfter(SublayerId sublayer) => false;

    /// <inheritdoc/>
    public virtual Tensor AfterSublayer(SublayerId sublayer, Tensor input, Tensor output, AdapterPass pass) => output;

    /// <inheritdoc/>
    public virtual Tensor? ExtraLoss(AdapterPass pass) => null;

    /// <inheritdoc/>
    public virtual void AfterBackward(AdapterStep step)
    {
    }

    /// <inheritdoc/>
    public virtual void AfterStep(AdapterStep step)
    {
    }

    /// <summary>Every trainable tensor under its own name.</summary>
    public virtual void Export(AdapterExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        foreach (var entry in Parameters.Entries) export.Weights[entry.Name] = Parameters[entry.Name];
    }

    /// <summary>Every trainable tensor from the tensor of its name.</summary>
    public virtual void Import(AdapterImport import)
    {
        ArgumentNullException.ThrowIfNull(import);
        foreach (var entry in Parameters.Entries) import.CopyTo(entry.Name, Parameters[entry.Name]);
    }

    /// <inheritdoc/>
    public virtual string? WhyNotMerged => $"{Spec.Method} acts on activations and cannot be written into weights.";

    /// <inheritdoc/>
    public virtual Tensor MergeWeight(ModuleTarget module, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return WhyNotMerged is { } reason ? throw new NotSupportedException(reason) : weight.clone();
    }

    /// <inheritdoc/>
    public virtual Tensor MergeExpert(LayerId expert, Tensor weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return WhyNotMerged is { } reason ? throw new NotSupportedException(reason) : weight.clone();
    }

    /// <inheritdoc/>
    public virtual Tensor? MergeBias(ModuleTarget module, Tensor? bias) => WhyNotMerged is { } reason ? throw new NotSupportedException(reason) : bias?.clone();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the parameters; a method with further tensors adds them.</summary>
    protected virtual void Dispose(bool disposing) => Parameters.Dispose();
}
