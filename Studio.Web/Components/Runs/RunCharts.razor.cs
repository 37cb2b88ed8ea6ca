using Microsoft.AspNetCore.Components;
using Studio.Core.Telemetry;
using Studio.Core.Training;
using Studio.Web.Charts;
using Studio.Web.FineTunes;
using Studio.Web.Theme;

namespace Studio.Web.Components.Runs;

/// <summary>The curves of one run.</summary>
public sealed partial class RunCharts
{
    private IReadOnlyList<Chart> _charts = [];
    private string? _drawn;

    /// <summary>Id of the run.</summary>
    [Parameter, EditorRequired] public required string RunId { get; set; }

    [Inject] public required SeriesColors Colors { get; init; }

    protected override void OnParametersSet()
    {
        if (_drawn == RunId)
            return;
        _drawn = RunId;
        _charts =
        [
            new("loss", "Loss", "nats", [Line(RunSeries.Loss, Own), Line(RunSeries.EvalLoss, Contrast)]),
            new("learning-rate", SeriesText.NameOf(RunSeries.LearningRate), "", [Line(RunSeries.LearningRate, Own)]),
            new("gradient-norm", SeriesText.NameOf(RunSeries.GradientNorm), "", [Line(RunSeries.GradientNorm, Own)]),
            new("tokens-per-second", SeriesText.NameOf(RunSeries.TokensPerSecond), "tokens/s", [Line(RunSeries.TokensPerSecond, Own)]),
        ];
    }

    // A neighbour in the palette, so that the two curves of one chart are told apart in every palette place.
    private SeriesStyle Contrast => new(Own.Place + 1);

    private SeriesStyle Own => Colors.StyleOf(RunId);

    private ChartLine Line(string series, SeriesStyle style) =>
        new(new SeriesKey(RunId, series), SeriesText.NameOf(series), style, Sparse: SeriesText.IsSparse(series));

    private sealed record Chart(string Id, string Title, string Unit, IReadOnlyList<ChartLine> Lines);
}
