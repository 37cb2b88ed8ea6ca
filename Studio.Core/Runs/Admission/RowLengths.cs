using Studio.Core.Data;

namespace Studio.Core.Runs.Admission;

/// <summary>
/// How long the rows of a data set are in tokens: of the longest rows one by one, of the others from a sample. The longest are found by their characters, so that
/// the largest micro-batch is known without encoding everything.
/// </summary>
internal sealed class RowLengths
{
    private const int Longest = 64, Sampled = 192;

    private readonly int _rows;
    private readonly int[] _longest;
    private readonly int[] _sample;

    private RowLengths(int rows, IEnumerable<int> longest, IEnumerable<int> sample)
    {
        _rows = rows;
        _longest = [.. longest.OrderDescending()];
        _sample = [.. sample.OrderDescending()];
    }

    /// <summary>Encodes the longest rows and a sample spread over the data set.</summary>
    public static RowLengths Of(IReadOnlyList<DatasetRow> rows, RowRenderer renderer)
    {
        int stride = Math.Max(1, rows.Count / Sampled);
        return new RowLengths(rows.Count, rows.OrderByDescending(Characters).Take(Longest).Select(Encoded), rows.Where((_, i) => i % stride == 0).Select(Encoded));

        int Encoded(DatasetRow row) => renderer.Encode(row).Ids.Length;
    }

    /// <summary>Those of samples that are encoded already.</summary>
    public static RowLengths Of(IReadOnlyList<TrainingSample> samples) => new(samples.Count, samples.Select(sample => sample.Length), []);

    /// <summary>The largest micro-batch that the rows can give.</summary>
    /// <param name="batch">Rows of a micro-batch.</param>
    /// <param name="maxLength">Rows are cut to this many tokens.</param>
    /// <param name="virtualTokens">Virtual tokens before each row.</param>
    public StepShape Largest(int batch, int maxLength, int virtualTokens)
    {
        long tokens = 0, longest = 0;
        for (int i = 0; i < Math.Min(batch, _rows); i++)
        {
            // Beyond the longest: the i-th longest of all is about the one at the same part of the sample.
            int length = Math.Min(i < _longest.Length ? _longest[i] : _sample[(int)((long)i * _sample.Length / _rows)], maxLength) + virtualTokens;
            tokens += length;
            longest = Math.Max(longest, length);
        }
        return new StepShape(tokens, longest);
    }

    private static int Characters(DatasetRow row) => row.Text?.Length ?? row.Messages.Sum(message => message.Content.Length);
}
