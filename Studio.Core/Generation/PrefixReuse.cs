namespace Studio.Core.Generation;

/// <summary>Lets answers begin with the keys and values of others: of ended ones, and of those that are being written.</summary>
internal sealed class PrefixReuse(PrefixCache kept)
{
    // A prompt waits for another that is being read where that saves this many tokens: in one pass fewer cost about as much as none.
    private const int WorthWaiting = 64;

    /// <summary>Lets new sessions begin; within holds of their adapters.</summary>
    /// <returns>Those that can be fed: all but sessions whose prompt another one is reading for them.</returns>
    public IReadOnlyList<GenerationSession> Begin(IReadOnlyList<GenerationSession> live)
    {
        if (live.All(session => session.Edition is not null)) return live;
        foreach (var session in live)
        {
            if (session.Edition is not null) continue;
            string edition = session.CurrentEdition();
            var alike = live.Where(other => other.Edition == edition).ToList();
            int usable = kept.Usable(edition, session.Prompt), awaited = 0;
            GenerationSession? source = null;
            foreach (var other in alike)
            {
                if (other.IsReading) awaited = Math.Max(awaited, Math.Min(other.Prompt.CommonPrefixLength(session.Prompt), session.Prompt.Length - 1));
                if (other.Known.Usable(edition, session.Prompt) is var tokens && tokens > usable) (usable, source) = (tokens, other);
            }
            if (awaited - usable >= WorthWaiting) continue;
            var (cache, reused) = source is null ? kept.Take(edition, session.Prompt) : (source.Known.Copy(usable, session.Prompt.Length), usable);
            session.Begin(edition, cache, reused);
        }
        return [.. live.Where(session => session.Edition is not null)];
    }

    /// <summary>Keeps what an ended session knows, or frees it.</summary>
    public void End(GenerationSession session)
    {
        using (session)
        {
            if (session.HasFailed || session.Edition is null) return;
            using var holds = new AdapterHolds([session]);
            // An update of the adapter since then: some rows are of other values than others.
            if (session.CurrentEdition() == session.Edition) kept.Keep(session.Yield(), [.. session.Adapter?.Held.Select(adapter => adapter.Id) ?? []]);
        }
    }
}
