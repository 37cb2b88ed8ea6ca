using System.IO.Compression;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Composition;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Storage;
using Studio.Core.Tensors;

namespace Studio.Core.Serving;

/// <summary>What adapters become: PEFT folders, combinations, merged models. Each is read back and compared before it counts as done.</summary>
public sealed partial class AdapterLibrary
{
    // Rounding of the compute type, not of the stored one: what is beyond it was not written as it was.
    private const double SingleTolerance = 1e-3, HalfTolerance = 5e-2;

    /// <inheritdoc/>
    public async Task<OutputDifference> ExportAsync(string id, Stream zip, CancellationToken ct = default)
    {
        var record = await GetAsync(id, ct).ConfigureAwait(false);
        await using var lease = await _pool.AcquireAsync(id, ct).ConfigureAwait(false);
        var model = _models.Get(record.BaseModelId);
        string folder = Directory.CreateTempSubdirectory("studio-export-").FullName;
        try
        {
            var difference = await _lanes.RunAsync(LanePriority.Interactive, () =>
            {
                using var hold = lease.Instance.Read();
                PeftFormat.Save(lease.Instance.Adapter, folder, BaseName(record), forContinuation: false);
                return Reread(folder, model, OutputProbe.Logits(model.Base, lease.Instance.Adapter, ProbePrompts.Of(model)));
            }, ct).ConfigureAwait(false);
            RequireSame(difference, model, $"The export of '{record.Name}'");
            TokenizerFiles.Write(folder, lease.Chat?.Format ?? model.Chat, model.Base.Folder);
            await ZipFile.CreateFromDirectoryAsync(folder, zip, CompressionLevel.Fastest, includeBaseDirectory: false, entryNameEncoding: null, ct).ConfigureAwait(false);
            return difference;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <inheritdoc/>
    public async Task<CombinedAdapter> CombineAsync(CombineAdapters request, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (string.IsNullOrWhiteSpace(request.Name)) throw new StudioException("The name is empty; an adapter needs one.");
        var blend = new ChatBlend(request.Members);
        if (blend.Problems() is { Count: > 0 } problems) throw new StudioException(problems[0], problems);
        var records = new List<AdapterRecord>();
        foreach (var member in request.Members) records.Add(await GetAsync(member.AdapterId, ct).ConfigureAwait(false));
        var model = _models.Get(records[0].BaseModelId);
        await using var answering = await AnsweringAdapter.AcquireAsync(_pool, new ChatPane(null, [], blend), model, ct).ConfigureAwait(false);
        string id = StudioId.New();
        var (spec, parameters, difference) = await _lanes.RunAsync(LanePriority.Interactive, () => Combine(id, request, answering, model), ct).ConfigureAwait(false);
        string story = FormattableString.Invariant($"{request.Kind} of {string.Join(", ", records.Zip(request.Members, (record, member) => FormattableString.Invariant($"{record.Name} × {member.Weight:0.##}")))}.");
        var stored = await StoreAsync(id, request.Name, spec, model.Record, parameters,
            record => record with { Source = AdapterSource.Combination, ParentId = records[0].Id, Notes = story }).ConfigureAwait(false);
        return new CombinedAdapter(stored, difference);
    }

    /// <inheritdoc/>
    public async Task<MergedModel> MergeAsync(string id, string name = "", IProgress<double>? progress = null, CancellationToken ct = default)
    {
        var record = await GetAsync(id, ct).ConfigureAwait(false);
        await using var lease = await _pool.AcquireAsync(id, ct).ConfigureAwait(false);
        var model = _models.Get(record.BaseModelId);
        string merged = StudioId.New(), folder = _directory.ModelPath(merged);
        string chosen = string.IsNullOrWhiteSpace(name) ? $"{model.Record.Name} + {record.Name}" : name.Trim();
        try
        {
            var difference = await _lanes.RunAsync(LanePriority.Interactive, () => Merge(folder, lease, model, progress, ct), ct).ConfigureAwait(false);
            return new MergedModel(await _models.AdoptAsync(merged, folder, chosen, hubId: null, commit: null, CancellationToken.None).ConfigureAwait(false), difference);
        }
        catch (Exception error)
        {
            AtomicDirectory.Delete(folder);
            if (error is NotSupportedException or IOException or InvalidDataException) throw new StudioException($"'{record.Name}' could not be merged: {error.Message}", inner: error);
            throw;
        }
    }

    private static OutputDifference Reread(string folder, LoadedModel model, IReadOnlyList<float[]> expected)
    {
        using var adapter = PeftFormat.Load(folder, model.Base.AdapterSite());
        return OutputProbe.Compare(expected, OutputProbe.Logits(model.Base, adapter, ProbePrompts.Of(model)));
    }

    private (AdapterSpec Spec, long Parameters, OutputDifference Difference) Combine(string id, CombineAdapters request, AnsweringAdapter answering, LoadedModel model)
    {
        var held = answering.Instance!.Held;
        var holds = held.Select(instance => instance.Read()).ToList();
        try
        {
            var members = request.Members.Zip(held, (member, instance) => new BlendMember(instance.Adapter, member.Weight)).ToList();
            var combination = new CombinationRequest { Kind = request.Kind, Members = members, Rank = request.Rank, Density = request.Density, Signs = request.Signs, Seed = request.Seed };
            using var combined = AdapterCombination.Combine(combination, model.Base.AdapterSite());
            Save(id, combined, model.Record.Name, answering.Chat?.Format);
            // Against the sum of the effects: for most kinds this is the price of the kind, and people should see it.
            var expected = OutputProbe.Logits(model.Base, answering.Instance.Adapter, ProbePrompts.Of(model));
            return (combined.Spec, combined.Parameters.Count, Reread(_directory.AdapterPath(id), model, expected));
        }
        catch
        {
            AtomicDirectory.Delete(_directory.AdapterPath(id));
            throw;
        }
        finally
        {
            foreach (var hold in holds) hold.Dispose();
        }
    }

    private static OutputDifference Merge(string folder, AdapterLease lease, LoadedModel model, IProgress<double>? progress, CancellationToken ct)
    {
        using var adapter = Snapshot(lease, model);
        AtomicDirectory.Write(folder, target =>
        {
            MergedCheckpoint.Write(model.Base.Folder, adapter, target, progress, ct);
            TokenizerFiles.Write(target, lease.Chat?.Format ?? model.Chat, model.Base.Folder);
        });
        var prompts = ProbePrompts.Of(model);
        var expected = OutputProbe.Logits(model.Base, adapter, prompts);
        using var merged = BaseModel.Load("merged", folder, model.Base.Plan, model.Base.ComputeType, ct: ct);
        var difference = OutputProbe.Compare(expected, OutputProbe.Logits(merged, null, prompts));
        if (!double.IsFinite(difference.Largest)) throw new InvalidDataException("read back, its answers are not finite.");
        // An untrained adapter, or one too weak for the stored type: the model would be taken for its base.
        if (merged.Fingerprint == model.Base.Fingerprint) throw new InvalidDataException("its effect is too small to change a stored weight, so the merged model would be its base.");
        return difference;
    }

    // A copy of its own: writing a large model takes minutes, and a training must not wait for it.
    private static IAdapter Snapshot(AdapterLease lease, LoadedModel model)
    {
        string folder = Directory.CreateTempSubdirectory("studio-merge-").FullName;
        try
        {
            using (lease.Instance.Read()) PeftFormat.Save(lease.Instance.Adapter, folder, model.Record.Name, forContinuation: false);
            return PeftFormat.Load(folder, model.Base.AdapterSite());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void RequireSame(OutputDifference difference, LoadedModel model, string what)
    {
        double allowed = model.Base.ComputeType == TorchSharp.torch.ScalarType.Float32 ? SingleTolerance : HalfTolerance;
        if (!(difference.Relative <= allowed))
            throw new StudioException(FormattableString.Invariant($"{what} was read back and answers differently: a logit is off by {difference.Largest:0.###} of {difference.LargestLogit:0.###}. Nothing was handed out."));
    }
}
