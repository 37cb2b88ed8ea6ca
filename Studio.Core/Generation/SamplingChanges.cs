namespace Studio.Core.Generation;

/// <summary>The sampling settings that somebody chose; those left out are the model's. Each is described at <see cref="SamplingSettings"/>.</summary>
public sealed record SamplingChanges
{
    private readonly List<Func<SamplingSettings, SamplingSettings>> _changes = [];
    private readonly bool _most, _fewest;
    private SamplingSettings _chosen = new();

    /// <inheritdoc cref="SamplingSettings.Greedy"/>
    public bool Greedy { get => _chosen.Greedy; init => Choose(settings => settings with { Greedy = value }); }

    /// <inheritdoc cref="SamplingSettings.RepetitionPenalty"/>
    public double RepetitionPenalty { get => _chosen.RepetitionPenalty; init => Choose(settings => settings with { RepetitionPenalty = value }); }

    /// <inheritdoc cref="SamplingSettings.NoRepeatNgramSize"/>
    public int NoRepeatNgramSize { get => _chosen.NoRepeatNgramSize; init => Choose(settings => settings with { NoRepeatNgramSize = value }); }

    /// <inheritdoc cref="SamplingSettings.BadWords"/>
    public IReadOnlyList<IReadOnlyList<int>> BadWords { get => _chosen.BadWords; init => Choose(settings => settings with { BadWords = value }); }

    /// <inheritdoc cref="SamplingSettings.MinNewTokens"/>
    public int MinNewTokens
    {
        get => _chosen.MinNewTokens;
        init
        {
            _fewest = true;
            Choose(settings => settings with { MinNewTokens = value });
        }
    }

    /// <inheritdoc cref="SamplingSettings.SuppressTokens"/>
    public IReadOnlyList<int> SuppressTokens { get => _chosen.SuppressTokens; init => Choose(settings => settings with { SuppressTokens = value }); }

    /// <inheritdoc cref="SamplingSettings.Temperature"/>
    public double Temperature { get => _chosen.Temperature; init => Choose(settings => settings with { Temperature = value }); }

    /// <inheritdoc cref="SamplingSettings.TopK"/>
    public int TopK { get => _chosen.TopK; init => Choose(settings => settings with { TopK = value }); }

    /// <inheritdoc cref="SamplingSettings.TopP"/>
    public double TopP { get => _chosen.TopP; init => Choose(settings => settings with { TopP = value }); }

    /// <inheritdoc cref="SamplingSettings.MinP"/>
    public double MinP { get => _chosen.MinP; init => Choose(settings => settings with { MinP = value }); }

    /// <inheritdoc cref="SamplingSettings.TypicalP"/>
    public double TypicalP { get => _chosen.TypicalP; init => Choose(settings => settings with { TypicalP = value }); }

    /// <inheritdoc cref="SamplingSettings.EpsilonCutoff"/>
    public double EpsilonCutoff { get => _chosen.EpsilonCutoff; init => Choose(settings => settings with { EpsilonCutoff = value }); }

    /// <inheritdoc cref="SamplingSettings.EtaCutoff"/>
    public double EtaCutoff { get => _chosen.EtaCutoff; init => Choose(settings => settings with { EtaCutoff = value }); }

    /// <inheritdoc cref="SamplingSettings.MaxNewTokens"/>
    public int MaxNewTokens
    {
        get => _chosen.MaxNewTokens;
        init
        {
            _most = true;
            Choose(settings => settings with { MaxNewTokens = value });
        }
    }

    /// <inheritdoc cref="SamplingSettings.Seed"/>
    public long? Seed { get => _chosen.Seed; init => Choose(settings => settings with { Seed = value }); }

    /// <inheritdoc cref="SamplingSettings.Stop"/>
    public IReadOnlyList<string> Stop { get => _chosen.Stop; init => Choose(settings => settings with { Stop = value }); }

    /// <summary>The settings: what was chosen, over defaults. A default never contradicts a choice: the fewest tokens give way to the chosen most, and the most to the fewest.</summary>
    public SamplingSettings Over(SamplingSettings defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        var settings = _changes.Aggregate(defaults, (before, change) => change(before));
        if (_most && !_fewest) return settings with { MinNewTokens = Math.Min(settings.MinNewTokens, Math.Max(0, settings.MaxNewTokens)) };
        return _fewest && !_most ? settings with { MaxNewTokens = Math.Max(settings.MaxNewTokens, settings.MinNewTokens) } : settings;
    }

    private void Choose(Func<SamplingSettings, SamplingSettings> change)
    {
        _chosen = change(_chosen);
        _changes.Add(change);
    }
}
