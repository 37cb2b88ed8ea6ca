using Studio.Core.Adapters.Composition;
using Studio.Core.Clients;

namespace Studio.Core.Serving;

/// <summary>Who answers a pane: nobody but the base, an adapter, or a blend. Holds the leases while the answer lasts.</summary>
internal sealed class AnsweringAdapter : IAsyncDisposable
{
    private readonly List<AdapterLease> _leases = [];

    private AnsweringAdapter()
    {
    }

    /// <summary>The adapter; null for the plain base.</summary>
    public AdapterInstance? Instance { get; private set; }

    /// <summary>How it is spoken to: as its first adapter is; null = as the base model is.</summary>
    public AdapterChatFormat? Chat => _leases.Count > 0 ? _leases[0].Chat : null;

    /// <summary>Takes what a pane names into use; dispose the result to give it back.</summary>
    /// <exception cref="StudioException">An adapter is of another base, cannot be loaded, or does not blend; the message says why.</exception>
    public static async Task<AnsweringAdapter> AcquireAsync(AdapterPool pool, ChatPane pane, LoadedModel model, CancellationToken ct)
    {
        var answering = new AnsweringAdapter();
        try
        {
            foreach (string id in pane.Blend?.Adapters.Select(part => part.AdapterId) ?? (pane.AdapterId is { } one ? [one] : []))
            {
                var lease = await pool.AcquireAsync(id, ct).ConfigureAwait(false);
                answering._leases.Add(lease);
                if (lease.BaseModelId != model.Record.Id)
                    throw new StudioException($"The adapter '{id}' was made for the base model '{lease.BaseModelId}', not for '{model.Record.Name}'.");
            }
            answering.Instance = pane.Blend is { } blend ? answering.Blend(blend, model) : answering._leases.FirstOrDefault()?.Instance;
            return answering;
        }
        catch
        {
            await answering.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gives the adapters back.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var lease in _leases) await lease.DisposeAsync().ConfigureAwait(false);
        _leases.Clear();
    }

    private AdapterInstance Blend(ChatBlend blend, LoadedModel model)
    {
        var members = blend.Adapters.Zip(_leases, (part, lease) => new BlendMember(lease.Instance.Adapter, part.Weight)).ToList();
        if (BlendAdapter.Problems(members, blend.BaseShare) is { Count: > 0 } problems) throw new StudioException(problems[0], problems);
        string recipe = FormattableString.Invariant($"blend {blend.BaseShare:R} {string.Join(' ', members.Select(member => FormattableString.Invariant($"{member.Weight:R}")))}");
        return AdapterInstance.Blend("blend", new BlendAdapter(members, blend.BaseShare, model.Base.AdapterSite()), _leases.Select(lease => lease.Instance), recipe);
    }
}
