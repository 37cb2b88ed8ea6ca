using System.Collections.Concurrent;
using Studio.Core.Models;

namespace Studio.Core.Execution;

/// <summary>What products of one kind cost: a fixed part (the weights are read) and a part for every row.</summary>
/// <param name="Fixed">Seconds.</param>
/// <param name="PerRow">Seconds a row.</param>
public readonly record struct ProductCost(double Fixed, double PerRow)
{
    /// <summary>Rows at which the rows cost as much as the weights: beyond it company saves less than it delays.</summary>
    public double RidgeRows => PerRow > 0 ? Fixed / PerRow : double.PositiveInfinity;
}

/// <summary>
/// The cost of products by kind of layer and direction, learned from those that were run: a line fitted by least squares, older products forgotten. It says from how many rows on
/// a call gains nothing from company, and how long waiting for a mate can pay: no longer than the mate saves, the fixed part.
/// </summary>
/// <param name="ridgeRows">Ridge while nothing is known.</param>
internal sealed class CostModel(int ridgeRows)
{
    private const int LeastRidge = 8;
    private const int LargestRidge = 1024;

    private readonly ConcurrentDictionary<(BaseProjection, CallDirection), Line> _lines = new();

    /// <summary>The cost of a kind of product; null while too few, or too equal ones, have been seen.</summary>
    public ProductCost? Of(LayerId layer, CallDirection direction) => _lines.TryGetValue((layer.Projection, direction), out var line) ? line.Cost : null;

    /// <summary>Rows from which on a call runs at once.</summary>
    public int RidgeRows(LayerId layer, CallDirection direction) =>
        Of(layer, direction) is { } cost ? (int)Math.Clamp(cost.RidgeRows, LeastRidge, LargestRidge) : ridgeRows;

    /// <summary>How long waiting for a mate may take: the budget, and no more than a mate can save.</summary>
    public TimeSpan Patience(LayerId layer, CallDirection direction, TimeSpan budget) =>
        Of(layer, direction) is { } cost && cost.Fixed < budget.TotalSeconds ? TimeSpan.FromSeconds(cost.Fixed) : budget;

    /// <summary>Learns from a product.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="direction">Which way.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="seconds">What it took.</param>
    public void Add(LayerId layer, CallDirection direction, int rows, double seconds) => _lines.GetOrAdd((layer.Projection, direction), _ => new Line()).Add(rows, seconds);

    private sealed class Line
    {
        // About as many products as one training step of a small model has.
        private const double Kept = 0.98;
        private const double EnoughWeight = 24;

        // A coefficient of variation of the rows below this says nothing about a slope.
        private const double LeastVariation = 0.3;

        private readonly Lock _gate = new();
        private double _weight, _rows, _seconds, _rowsSquared, _rowsSeconds;
        private ProductCost? _cost;

        public ProductCost? Cost
        {
            get
            {
                lock (_gate) return _cost;
            }
        }

        public void Add(double rows, double seconds)
        {
            lock (_gate)
            {
                // A product that the system interrupted says nothing about products.
                if (_cost is { } known && seconds > 8 * (known.Fixed + known.PerRow * rows)) seconds = 8 * (known.Fixed + known.PerRow * rows);
                _weight = _weight * Kept + 1;
                _rows = _rows * Kept + rows;
                _seconds = _seconds * Kept + seconds;
                _rowsSquared = _rowsSquared * Kept + rows * rows;
                _rowsSeconds = _rowsSeconds * Kept + rows * seconds;
                if (_weight < EnoughWeight) return;
                double meanRows = _rows / _weight, variance = _rowsSquared / _weight - meanRows * meanRows;
                // Where all products have the same size, what was learned from others before stays.
                if (variance < LeastVariation * LeastVariation * meanRows * meanRows) return;
                double meanSeconds = _seconds / _weight, slope = Math.Max(0, (_rowsSeconds / _weight - meanRows * meanSeconds) / variance);
                _cost = new ProductCost(Math.Max(0, meanSeconds - slope * meanRows), slope);
            }
        }
    }
}
