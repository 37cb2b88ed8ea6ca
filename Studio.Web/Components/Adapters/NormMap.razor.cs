using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Web.Adapters;
using Studio.Web.Formatting;

namespace Studio.Web.Components.Adapters;

/// <summary>A heat map of an adapter's norms. It is a table with the figures in its cells, so that it says the same to those who do not see colors.</summary>
public sealed partial class NormMap
{
    private const int All = -1;
    private IReadOnlyList<AdapterTensorInfo>? _shown;
    private IReadOnlyList<string> _parts = [];
    private string? _part;

    /// <summary>The tensors.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<AdapterTensorInfo> Tensors { get; set; }

    private NormGrid? Grid { get; set; }

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_shown, Tensors))
            return;
        bool isFirst = _shown is null;
        (_shown, _parts) = (Tensors, NormGrid.PartsOf(Tensors));
        // Read again, the same part stays in view.
        if (isFirst || (_part is not null && !_parts.Contains(_part)))
            _part = _parts is [var telling, ..] ? telling : null;
        Grid = NormGrid.Of(Tensors, _part);
    }

    private void Choose(ChangeEventArgs change)
    {
        var index = int.Parse((string)change.Value!, CultureInfo.InvariantCulture);
        _part = index == All ? null : _parts[index];
        Grid = NormGrid.Of(Tensors, _part);
    }

    private static string? StyleOf(NormGrid grid, double? norm) =>
        norm is { } value ? string.Create(CultureInfo.InvariantCulture, $"--studio-heat: {Math.Round(100 * grid.ShareOf(value))}%") : null;

    private static string? TitleOf(NormGrid grid, NormRow row, int column) =>
        row.Cells[column] is { } norm ? $"{(row.Block < 0 ? "Outside the layers" : $"Layer {row.Block}")}, {grid.Columns[column]}: {NumberText.Significant(norm)}" : null;

    private string Caption(NormGrid grid) =>
        $"Euclidean norms of {_part ?? "all tensors"} by layer and module, {NumberText.Significant(grid.Least, 3)} to {NumberText.Significant(grid.Most, 3)}.";
}
