using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Clients;

/// <summary>
/// Writes a base model with an adapter merged into its weights, as a checkpoint folder of its own (PEFT <c>merge_and_unload</c> and
/// <c>save_pretrained</c>). Tensors are merged one at a time in fp32 and rounded to the type they are stored in. A head that is tied to an embedding which
/// the adapter changed on one side only gets a tensor of its own, and the config says so.
/// </summary>
public static class MergedCheckpoint
{
    /// <summary>Name of the weights file.</summary>
    public const string WeightsFile = "model.safetensors";

    /// <summary>Writes config.json and the weights into an existing folder. Runs on a lane; the caller holds the adapter.</summary>
    /// <param name="source">Folder of the base model.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="folder">Target folder.</param>
    /// <param name="progress">Receives how much is written, 0..1.</param>
    /// <param name="ct">Cancels between two tensors.</param>
    /// <exception cref="NotSupportedException">The adapter cannot be merged, or its effect needs a tensor that the family's checkpoints do not have.</exception>
    public static void Write(string source, IAdapter adapter, string folder, IProgress<double>? progress = null, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        if (adapter.WhyNotMerged is { } reason) throw new NotSupportedException(reason);
        using var checkpoint = Checkpoint.Open(source);
        var merge = new Merge(checkpoint, adapter);
        var tensors = merge.Tensors();
        long total = tensors.Count, written = 0;
        SafeTensorsFile.Write(Path.Combine(folder, WeightsFile), [.. tensors.Select(tensor => tensor with
        {
            Make = () =>
            {
                progress?.Report((double)written++ / total);
                return tensor.Make();
            },
        })], ct: ct);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(source, "config.json")))!.AsObject();
        if (merge.UntiesHead) config["tie_word_embeddings"] = false;
        File.WriteAllText(Path.Combine(folder, "config.json"), config.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    private sealed class Merge
    {
        private readonly Checkpoint _checkpoint;
        private readonly IAdapter _adapter;
        private readonly Dictionary<string, ModuleTarget> _weights = new(StringComparer.Ordinal);
        private readonly Dictionary<string, ModuleTarget> _biases = new(StringComparer.Ordinal);
        // Layers of experts by the tensor that holds them: one, or all of a block.
        private readonly Dictionary<string, List<LayerId>> _experts = new(StringComparer.Ordinal);
        private readonly ModuleMap _modules;

        public Merge(Checkpoint checkpoint, IAdapter adapter)
        {
            _checkpoint = checkpoint;
            _adapter = adapter;
            _modules = new ModuleMap(checkpoint.Config, checkpoint.Family);
            var (config, family) = (checkpoint.Config, checkpoint.Family);
            foreach (var module in _modules.All)
            {
                if (module.Layer == LayerId.Head && config.TiedHead && module.Kind == ModuleKind.Linear) continue;
                _weights[module.Kind == ModuleKind.Norm ? module.Name + ".weight" : family.Weight(module.Layer).Name] = module;
                _biases[module.Kind == ModuleKind.Norm ? module.Name + ".bias" : module.Kind == ModuleKind.Linear ? family.Bias(module.Layer).Name : module.Name] = module;
                RequireNoNewBias(module);
            }
            foreach (var layer in config.WeightLayers().Where(layer => layer.Expert != LayerId.NoExpert))
            {
                string name = family.Weight(layer).Name;
                if (!_experts.TryGetValue(name, out var layers)) _experts[name] = layers = [];
                layers.Add(layer);
            }
            UntiesHead = config.TiedHead && (Acts(LayerId.Head) || Acts(LayerId.Embedding)) && !SidesAgree();
        }

        /// <summary>Whether embedding and head, one tensor so far, are two.</summary>
        public bool UntiesHead { get; }

        public List<TensorSource> Tensors()
        {
            var tensors = _checkpoint.TensorNames.Select(name => new TensorSource(name, _checkpoint.TypeOf(name), [.. _checkpoint.ShapeOf(name)], () => Merged(name))).ToList();
            if (UntiesHead)
            {
                string embedding = _checkpoint.Family.Weight(LayerId.Embedding).Name;
                tensors.Add(new TensorSource(_checkpoint.Family.Weight(LayerId.Head).Name, _checkpoint.TypeOf(embedding), [.. _checkpoint.ShapeOf(embedding)], () => MergedWeight(embedding, _modules[LayerId.Head])));
            }
            return [.. tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal)];
        }

        private Tensor Merged(string name) =>
            _weights.TryGetValue(name, out var module) ? MergedWeight(name, module)
            : _biases.TryGetValue(name, out module) ? MergedBias(name, module)
            : _experts.TryGetValue(name, out var experts) ? MergedExperts(name, experts)
            : _checkpoint.Map(name);

        private Tensor MergedWeight(string name, ModuleTarget module)
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var stored = Stored(name);
            var weight = stored.to(ScalarType.Float32, copy: true);
            bool transposed = module.Kind == ModuleKind.Linear && _checkpoint.Family.Weight(module.Layer).Transposed;
            var merged = _adapter.MergeWeight(module, transposed ? weight.t().contiguous() : weight);
            return (transposed ? merged.t().contiguous() : merged).to(stored.dtype).Owned();
        }

        private Tensor MergedExperts(string name, List<LayerId> experts)
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var stored = Stored(name);
            var merged = stored.to(ScalarType.Float32, copy: true);
            foreach (var layer in experts)
            {
                var source = _checkpoint.Family.Weight(layer);
                var place = source.Expert is { } expert ? merged.select(0, expert) : merged;
                var weight = source.Transposed ? place.t() : place; // [out, in]
                weight.copy_(_adapter.MergeExpert(layer, weight.contiguous()));
            }
            return merged.to(stored.dtype).Owned();
        }

        private Tensor MergedBias(string name, ModuleTarget module)
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var stored = Stored(name);
            return _adapter.MergeBias(module, stored.to(ScalarType.Float32, copy: true))!.to(stored.dtype).Owned();
        }

        private void RequireNoNewBias(ModuleTarget module)
        {
            if (module.Kind == ModuleKind.Embedding || SavedModules.HasBias(module, _checkpoint.Config)) return;
            using var bias = _adapter.MergeBias(module, null);
            if (bias is not null)
                throw new NotSupportedException($"Merged, '{module.Name}' needs a bias, and a {_checkpoint.Config.Family} checkpoint of this config has no place for it.");
        }

        private bool Acts(LayerId layer) => _adapter.ChangesOutput(_modules[layer]) || _adapter.TransformsInput(_modules[layer]);

        private bool SidesAgree()
        {
            using var scope = NewDisposeScope();
            using var grad = no_grad();
            var weight = Stored(_checkpoint.Family.Weight(LayerId.Embedding).Name).to(ScalarType.Float32);
            return _adapter.MergeWeight(_modules[LayerId.Embedding], weight).equal(_adapter.MergeWeight(_modules[LayerId.Head], weight)).all().item<bool>();
        }

        // Mapped tensors belong to nobody's scope; here they join the one that is open.
        private Tensor Stored(string name)
        {
            var tensor = _checkpoint.Map(name);
            CurrentDisposeScope?.Attach(tensor);
            return tensor;
        }
    }
}
