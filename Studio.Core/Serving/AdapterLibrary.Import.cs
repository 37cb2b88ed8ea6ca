using Studio.Core.Adapters;
using Studio.Core.Clients;
using Studio.Core.Models;
using Studio.Core.Storage;
using Studio.Core.Tensors;
using Studio.Core.Text;
using static TorchSharp.torch;

namespace Studio.Core.Serving;

/// <summary>Adapters from elsewhere.</summary>
public sealed partial class AdapterLibrary
{
    private static readonly AdapterPackageLimits Limits = new();

    /// <inheritdoc/>
    public async Task<StagedAdapter> StageAsync(AdapterPackage package, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(package);
        // What a killed process leaves under such a name goes at the next start.
        string incoming = TemporaryName.ForWriting(_directory.AdapterPath(StudioId.New()));
        Directory.CreateDirectory(incoming);
        try
        {
            string folder = await package.BringAsync(incoming, Limits, ct).ConfigureAwait(false);
            bool owned = folder.StartsWith(incoming, StringComparison.Ordinal);
            if (!owned) AtomicDirectory.Delete(incoming);
            string config = Path.Combine(folder, PeftFormat.ConfigFile), weights = Path.Combine(folder, PeftFormat.WeightsFile);
            SafeTensorsHeader.Read(weights);
            return new StagedAdapter(package.Name, folder, owned ? incoming : null, PeftFormat.ReadSpec(folder),
                ConfigReader.Open(config).Text("base_model_name_or_path") ?? "", new FileInfo(weights).Length);
        }
        catch (Exception error)
        {
            AtomicDirectory.Delete(incoming);
            if (IsUnsound(error)) throw Refused(package.Name, incoming, error);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<AdapterRecord> ImportAsync(StagedAdapter staged, string name, string modelId, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(staged);
        var model = _models.Find(modelId) ?? throw new StudioException($"The model '{modelId}' is not loaded.");
        string id = StudioId.New();
        var problems = staged.Spec.Problems(model.Base.Model.Modules);
        if (problems.Count > 0) throw new StudioException($"'{staged.Name}' does not fit the base model '{model.Record.Name}'.", problems);
        try
        {
            var (spec, parameters) = await _lanes.RunAsync(LanePriority.Interactive, () => LoadAndSave(id, staged, model), ct).ConfigureAwait(false);
            return await StoreAsync(id, string.IsNullOrWhiteSpace(name) ? staged.SuggestedName : name, spec, model.Record, parameters,
                record => record with { Source = AdapterSource.Import, SourceName = staged.Name }).ConfigureAwait(false);
        }
        catch (InvalidDataException error) when (error.InnerException is AdapterMismatchException mismatch)
        {
            throw new StudioException($"'{staged.Name}' does not fit the base model '{model.Record.Name}'.", mismatch.Problems, error);
        }
        catch (Exception error) when (IsUnsound(error))
        {
            throw Refused(staged.Name, staged.Folder, error);
        }
    }

    private (AdapterSpec Spec, long Parameters) LoadAndSave(string id, StagedAdapter staged, LoadedModel model)
    {
        using var adapter = PeftFormat.Load(staged.Folder, model.Base.AdapterSite());
        using (var scope = NewDisposeScope())
        {
            foreach (var entry in adapter.Parameters.Entries)
                if (!adapter.Parameters[entry.Name].isfinite().all().item<bool>()) throw new InvalidDataException($"the tensor {entry.Name} holds values that are not finite");
        }
        Save(id, adapter, model.Record.Name, ChatOf(staged.Folder, model));
        return (adapter.Spec, adapter.Parameters.Count);
    }

    // Other programs store the template beside an adapter, and seldom the ends of an answer: those of its base model are added.
    private static ChatFormat? ChatOf(string folder, LoadedModel model)
    {
        var own = ChatFormat.OfAdapter(folder);
        if (own is { StopIds.Count: 0 }) own = own.Tokens.Count == 0 ? null : ChatFormat.OfModel(folder, model.Encoder.Tokenizer, model.Chat.StopIds);
        own?.Encoder(model.Encoder.Tokenizer); // a malformed template is refused now, not at the first question
        return own;
    }

    /// <summary>Stores the record of files that are written; when that fails, they go again.</summary>
    private async Task<AdapterRecord> StoreAsync(string id, string name, AdapterSpec spec, ModelRecord model, long parameters, Func<AdapterRecord, AdapterRecord> origin)
    {
        var now = DateTimeOffset.UtcNow;
        var record = origin(new AdapterRecord
        {
            Id = id,
            Name = name.Trim(),
            Method = spec.Method,
            BaseModelId = model.Id,
            BaseFingerprint = model.Fingerprint,
            TrainableParameters = parameters,
            Bytes = FolderBytes(id),
            Spec = AdapterSpecJson.Write(spec),
            CreatedAt = now,
            UpdatedAt = now,
        });
        try
        {
            // The files are there: a caller that leaves now must not leave them without a record.
            await _database.Adapters.UpsertAsync(record, CancellationToken.None).ConfigureAwait(false);
            return record;
        }
        catch
        {
            AtomicDirectory.Delete(_directory.AdapterPath(id));
            throw;
        }
    }

    private static bool IsUnsound(Exception error) => error is IOException or InvalidDataException or NotSupportedException or ArgumentException or UnauthorizedAccessException or Text.Jinja.JinjaException;

    // Messages name files by their place here, which says nothing to whoever brought them.
    private static StudioException Refused(string name, string folder, Exception error)
    {
        string message = error.Message.Replace(Path.Combine(folder, "files") + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace(folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal).Replace(folder, name, StringComparison.Ordinal);
        return new StudioException($"'{name}' was not imported: {message}", inner: error);
    }
}
