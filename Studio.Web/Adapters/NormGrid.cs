using Studio.Core.Serving;

namespace Studio.Web.Adapters;

/// <summary>One layer of a <see cref="NormGrid"/>.</summary>
/// <param name="Block">Index of the block; negative outside the blocks.</param>
/// <param name="Cells">A norm for each column; null where the adapter has nothing.</param>
public sealed record NormRow(int Block, IReadOnlyList<double?> Cells);

/// <summary>Norms of an adapter's tensors by layer and module.</summary>
/// <param name="Columns">Full names of the modules within a block, in forward order.</param>
/// <param name="Rows">The layers; what lies outside them comes last.</param>
public sealed record NormGrid(IReadOnlyList<string> Columns, IReadOnlyList<NormRow> Rows)
{
    /// <summary>Smallest norm.</summary>
    public double Least { get; } = Rows.SelectMany(row => row.Cells).Min() ?? 0;

    /// <summary>Largest norm.</summary>
    public double Most { get; } = Rows.SelectMany(row => row.Cells).Max() ?? 0;

    /// <summary>Whether there is something to compare.</summary>
    public bool IsTelling => Rows.Sum(row => row.Cells.Count(cell => cell is not null)) > 1;

    /// <summary>Places tensors: several of one module count together, as the root of the sum of their squares.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="part">Only this part of each module, for example <c>lora_B.weight</c>; null = all.</param>
    public static NormGrid Of(IEnumerable<AdapterTensorInfo> tensors, string? part = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var placed = tensors.Where(tensor => part is null || PartOf(tensor) == part).ToList();
        string[] columns = [.. placed.Select(ColumnOf).Distinct(StringComparer.Ordinal)];
        return new NormGrid(columns,
        [
            .. from tensor in placed
               group tensor by tensor.Place.Block into row
               orderby row.Key < 0, row.Key
               select new NormRow(row.Key, [.. columns.Select(column => NormOf(row.Where(tensor => ColumnOf(tensor) == column)))]),
        ]);
    }

    /// <summary>The parts that modules have, the one whose norms differ most first: of LoRA that is B, which starts at zero and holds what was learned.</summary>
    public static IReadOnlyList<string> PartsOf(IReadOnlyList<AdapterTensorInfo> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        return [.. tensors.Select(PartOf).Where(part => part.Length > 0).Distinct(StringComparer.Ordinal).OrderByDescending(part => Spread(Of(tensors, part)))];
    }

    /// <summary>The end of a column's name, where no other column ends so; else the whole name.</summary>
    public string TitleOf(string column)
    {
        string end = Last(column);
        return Columns.Count(other => Last(other) == end) == 1 ? end : column;
    }

    /// <summary>Where a norm lies between the smallest and the largest, 0 to 1.</summary>
    public double ShareOf(double norm) => Most > Least ? (norm - Least) / (Most - Least) : 0;

    private static double Spread(NormGrid grid) => grid.Most > 0 ? (grid.Most - grid.Least) / grid.Most : 0;

    private static double? NormOf(IEnumerable<AdapterTensorInfo> tensors) => tensors.ToList() is { Count: > 0 } some ? Math.Sqrt(some.Sum(tensor => tensor.Norm * tensor.Norm)) : null;

    // What belongs to no module is a column of its own.
    private static string ColumnOf(AdapterTensorInfo tensor) => tensor.Place.Module.Length > 0 ? tensor.Place.Module : tensor.Place.Part;

    private static string PartOf(AdapterTensorInfo tensor) => tensor.Place.Module.Length > 0 ? tensor.Place.Part : "";

    private static string Last(string name) => name[(name.LastIndexOf('.') + 1)..];
}
