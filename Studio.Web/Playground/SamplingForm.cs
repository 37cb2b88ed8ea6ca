using System.Globalization;
using Studio.Core.Generation;
using Studio.Web.FineTunes;

namespace Studio.Web.Playground;

/// <summary>What the playground's settings hold. A number is null while its text is not one.</summary>
public sealed record SamplingForm
{
    private static readonly SamplingSettings StandIn = new();

    public string System { get; set; } = "";

    public bool Greedy { get; set; }

    public double? Temperature { get; set; } = StandIn.Temperature;

    public int? TopK { get; set; } = StandIn.TopK;

    public double? TopP { get; set; } = StandIn.TopP;

    public double? MinP { get; set; } = StandIn.MinP;

    public double? RepetitionPenalty { get; set; } = StandIn.RepetitionPenalty;

    public int? MaxNewTokens { get; set; } = StandIn.MaxNewTokens;

    /// <summary>Text of the seed; empty = a new one each time.</summary>
    public string Seed { get; set; } = "";

    /// <summary>One text a line; <c>\n</c> in it stands for a line break.</summary>
    public string Stop { get; set; } = "";

    /// <summary>Whether a conversation that is longer than the context is refused, and not shortened.</summary>
    public bool RefuseTooLong { get; set; }

    /// <summary>A form that holds a model's defaults.</summary>
    public static SamplingForm Of(SamplingSettings defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        return new()
        {
            Greedy = defaults.Greedy,
            Temperature = defaults.Temperature,
            TopK = defaults.TopK,
            TopP = defaults.TopP,
            MinP = defaults.MinP,
            RepetitionPenalty = defaults.RepetitionPenalty,
            MaxNewTokens = defaults.MaxNewTokens,
            Stop = string.Join('\n', defaults.Stop.Select(text => text.Replace("\n", "\\n", StringComparison.Ordinal))),
        };
    }

    /// <summary>The settings; the default stands in for what is not readable, and for what plays no part when decoding is greedy.</summary>
    /// <param name="defaults">The model's defaults, for what the form has no field for. Default: the studio's.</param>
    public SamplingSettings ToSettings(SamplingSettings? defaults = null)
    {
        var settings = (defaults ?? StandIn) with
        {
            Greedy = Greedy,
            RepetitionPenalty = RepetitionPenalty ?? StandIn.RepetitionPenalty,
            MaxNewTokens = MaxNewTokens ?? StandIn.MaxNewTokens,
            MinNewTokens = Math.Min((defaults ?? StandIn).MinNewTokens, Math.Max(0, MaxNewTokens ?? StandIn.MaxNewTokens)),
            Stop = [.. Stop.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r').Replace("\\n", "\n", StringComparison.Ordinal)).Where(line => line.Length > 0)],
        };
        // What plays no part is not judged either.
        return Greedy ? settings with { Temperature = StandIn.Temperature, TopK = StandIn.TopK, TopP = StandIn.TopP, MinP = StandIn.MinP } : settings with
        {
            Temperature = Temperature ?? StandIn.Temperature,
            TopK = TopK ?? StandIn.TopK,
            TopP = TopP ?? StandIn.TopP,
            MinP = MinP ?? StandIn.MinP,
            Seed = ReadSeed(),
        };
    }

    /// <summary>Everything that is wrong, at its field.</summary>
    public FieldFindings Inspect()
    {
        var findings = FieldFindings.Sort(ToSettings().Problems(), SamplingFields.All).WithUnreadable(Unreadable());
        return Greedy || Seed.Trim().Length == 0 || ReadSeed() is not null
            ? findings
            : findings with { AtFields = new Dictionary<string, string>(findings.AtFields) { [SamplingFields.Seed.Id] = "Seed needs a whole number, or nothing." } };
    }

    /// <summary>The settings in one line.</summary>
    public string Summary()
    {
        var settings = ToSettings();
        var culture = CultureInfo.CurrentCulture;
        var parts = new List<string>();
        if (settings.Greedy)
            parts.Add("greedy");
        else
            parts.Add(string.Create(culture, $"temperature {settings.Temperature:0.###}"));
        if (settings.TopK > 0)
            parts.Add(string.Create(culture, $"top-k {settings.TopK}"));
        if (!settings.Greedy && settings.TopP < 1)
            parts.Add(string.Create(culture, $"top-p {settings.TopP:0.###}"));
        if (settings.MinP > 0)
            parts.Add(string.Create(culture, $"min-p {settings.MinP:0.###}"));
        parts.Add(string.Create(culture, $"at most {settings.MaxNewTokens:N0} tokens"));
        if (!string.IsNullOrWhiteSpace(System))
            parts.Add("system prompt");
        return string.Join(" · ", parts);
    }

    private List<FormField> Unreadable()
    {
        (FormField Field, bool Missing)[] numbers =
        [
            (SamplingFields.Temperature, !Greedy && Temperature is null), (SamplingFields.TopK, !Greedy && TopK is null),
            (SamplingFields.TopP, !Greedy && TopP is null), (SamplingFields.MinP, !Greedy && MinP is null),
            (SamplingFields.RepetitionPenalty, RepetitionPenalty is null), (SamplingFields.MaxNewTokens, MaxNewTokens is null),
        ];
        return [.. numbers.Where(number => number.Missing).Select(number => number.Field)];
    }

    private long? ReadSeed() => long.TryParse(Seed.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seed) ? seed : null;
}
