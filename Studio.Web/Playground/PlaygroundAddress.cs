namespace Studio.Web.Playground;

/// <summary>Who answers in each pane. It lives in the page's address, so a reload or a link shows the same.</summary>
public sealed record PlaygroundAddress
{
    /// <summary>Path of the page.</summary>
    public const string Path = "/playground";

    /// <summary>Word for the plain base.</summary>
    public const string Base = "base";

    /// <summary>Most panes on the page.</summary>
    public const int MostPanes = 4;

    /// <summary>Id of the base model; null = the first that is loaded.</summary>
    public string? ModelId { get; init; }

    /// <summary>1 to <see cref="MostPanes"/> adapters, null = the plain base.</summary>
    public IReadOnlyList<string?> Panes { get; init; } = [null];

    /// <summary>Reads an address; what is missing gets its default, panes beyond the most are left out.</summary>
    public static PlaygroundAddress Parse(string? model, string? adapters)
    {
        string?[] panes =
        [
            .. (adapters ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(choice => choice == Base ? null : choice).Take(MostPanes),
        ];
        return new PlaygroundAddress { ModelId = string.IsNullOrWhiteSpace(model) ? null : model, Panes = panes.Length > 0 ? panes : [null] };
    }

    /// <summary>The address that puts the base beside an adapter.</summary>
    public static string UriOf(string adapterId) => new PlaygroundAddress { Panes = [null, adapterId] }.ToUri();

    /// <summary>The address of this choice.</summary>
    public string ToUri()
    {
        var adapters = string.Join(',', Panes.Select(pane => pane is null ? Base : Uri.EscapeDataString(pane)));
        return ModelId is null ? $"{Path}?adapters={adapters}" : $"{Path}?adapters={adapters}&model={Uri.EscapeDataString(ModelId)}";
    }
}
