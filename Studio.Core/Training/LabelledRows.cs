using Studio.Core.Data;
using Studio.Core.Models;

namespace Studio.Core.Training;

/// <summary>
/// Which rows of a flattened batch predict a trained token, and which token. A row predicts the token after it; where virtual tokens stand
/// in front of a sequence, the last of them predicts its first token.
/// </summary>
internal sealed class LabelledRows
{
    private readonly int[] _sequences;

    private LabelledRows(long[] rows, long[] labels, int[] sequences)
    {
        Rows = rows;
        Labels = labels;
        _sequences = sequences;
    }

    /// <summary>Row numbers, ascending.</summary>
    public long[] Rows { get; }

    /// <summary>The token that each row predicts.</summary>
    public long[] Labels { get; }

    /// <summary>Finds the rows of a batch.</summary>
    /// <param name="samples">The sequences in row order.</param>
    /// <param name="virtualTokens">Virtual tokens in front of each.</param>
    public static LabelledRows Of(IReadOnlyList<TrainingSample> samples, int virtualTokens)
    {
        var (rows, labels, sequences) = (new List<long>(), new List<long>(), new List<int>());
        long start = 0;
        for (int i = 0; i < samples.Count; start += virtualTokens + samples[i++].Length)
        {
            for (int t = virtualTokens > 0 ? 0 : 1; t < samples[i].Length; t++)
            {
                if (!samples[i].Trained[t]) continue;
                rows.Add(start + virtualTokens + t - 1);
                labels.Add(samples[i].Ids[t]);
                sequences.Add(i);
            }
        }
        return new LabelledRows([.. rows], [.. labels], [.. sequences]);
    }

    /// <summary>How many labels <see cref="Of"/> finds.</summary>
    public static long Count(IEnumerable<TrainingSample> samples, int virtualTokens) =>
        samples.Sum(sample => (long)sample.TrainedTokens + (virtualTokens > 0 && sample.Length > 0 && sample.Trained[0] ? 1 : 0));

    /// <summary>The labels of the selected rows of a chunk.</summary>
    public long[] LabelsOf(int start, int count) => Labels.AsSpan(start, count).ToArray();

    /// <summary>Whom the selected rows of a chunk belong to.</summary>
    public IReadOnlyList<RowSpan> Spans(int start, int count)
    {
        var spans = new List<RowSpan>();
        for (int i = 0; i < count;)
        {
            int first = i, sequence = _sequences[start + i];
            while (i < count && _sequences[start + i] == sequence) i++;
            spans.Add(new RowSpan(first, i - first, sequence));
        }
        return spans;
    }
}
