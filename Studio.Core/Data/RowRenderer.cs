using Studio.Core.Text;
using Studio.Core.Text.Jinja;

namespace Studio.Core.Data;

/// <summary>A token of a rendered row, for the eye.</summary>
/// <param name="Text">What it adds to the text; empty where it ends in the middle of a character.</param>
/// <param name="Id">The token.</param>
/// <param name="Trained">Whether a fine-tune learns to write it.</param>
/// <param name="Special">Whether it is a special token, such as the end of a turn.</param>
public readonly record struct TokenPiece(string Text, int Id, bool Trained, bool Special);

/// <summary>Rows made ready for training.</summary>
public sealed record RenderedRows
{
    /// <summary>The samples, in the order of the rows.</summary>
    public required IReadOnlyList<TrainingSample> Samples { get; init; }

    /// <summary>How many of the samples lost tokens at their end.</summary>
    public required int Truncated { get; init; }

    /// <summary>How many rows were left out because nothing to learn was left in them.</summary>
    public required int Dropped { get; init; }
}

/// <summary>Renders rows with a model's chat template: the assistant's turns are learned, everything else is context.</summary>
public sealed class RowRenderer(ChatEncoder encoder)
{
    /// <summary>The whole row as tokens.</summary>
    public EncodedChat Encode(DatasetRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Text is { } text ? encoder.EncodeText(text) : encoder.EncodeForTraining(row.Messages);
    }

    private EncodedChat Encode(DatasetRow row, int number)
    {
        try
        {
            return Encode(row);
        }
        catch (JinjaException error)
        {
            throw new StudioException($"Row {number}: the model's chat template does not take this conversation. {error.Message}", inner: error);
        }
    }

    /// <summary>Renders rows, each cut at its end to a length.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="maxLength">The longest sample in tokens; at least 2.</param>
    /// <param name="cancellation">Ends the work between rows.</param>
    /// <exception cref="StudioException">The chat template refuses a row; the message names its number, and line and column of the template.</exception>
    public RenderedRows Render(IEnumerable<DatasetRow> rows, int maxLength, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 2);
        var samples = new List<TrainingSample>();
        var truncated = 0;
        var dropped = 0;
        var number = 0;
        foreach (var row in rows)
        {
            cancellation.ThrowIfCancellationRequested();
            var chat = Encode(row, ++number);
            var cut = chat.Ids.Length > maxLength;
            var sample = cut ? new TrainingSample(chat.Ids[..maxLength], chat.Trained[..maxLength]) : new TrainingSample(chat.Ids, chat.Trained);
            if (sample.TrainedTokens == 0)
            {
                dropped++;
                continue;
            }

            samples.Add(sample);
            if (cut) truncated++;
        }

        return new RenderedRows { Samples = samples, Truncated = truncated, Dropped = dropped };
    }

    /// <summary>The tokens of a row one by one. The texts together are the rendered row; a character spread over tokens stands at its last.</summary>
    public IReadOnlyList<TokenPiece> Preview(DatasetRow row)
    {
        var chat = Encode(row);
        var decoder = new StreamingDecoder(encoder.Tokenizer, skipSpecialTokens: false);
        var pieces = new TokenPiece[chat.Ids.Length];
        for (var i = 0; i < pieces.Length; i++)
        {
            var id = chat.Ids[i];
            pieces[i] = new TokenPiece(decoder.Push(id), id, chat.Trained[i], encoder.Tokenizer.IsSpecial(id));
        }

        if (pieces.Length > 0) pieces[^1] = pieces[^1] with { Text = pieces[^1].Text + decoder.Flush() };
        return pieces;
    }
}
