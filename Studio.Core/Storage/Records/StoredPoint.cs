using System.Buffers.Binary;

namespace Studio.Core.Storage;

/// <summary>One point of a stored metric series.</summary>
/// <param name="Step">Optimizer step.</param>
/// <param name="Value">Value of the metric.</param>
/// <param name="Time">When it was measured; kept as UTC.</param>
/// <param name="Epoch">Passes over the data, with fraction.</param>
/// <param name="Tokens">Tokens trained on until then.</param>
public readonly record struct StoredPoint(long Step, double Value, DateTimeOffset Time, double Epoch, long Tokens)
{
    /// <summary>Bytes of one packed point: five little-endian 64-bit fields in declaration order, time as UTC ticks.</summary>
    public const int Size = 5 * sizeof(long);

    /// <summary>Packs points for <see cref="MetricChunk.Points"/>.</summary>
    public static byte[] Pack(IReadOnlyList<StoredPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var packed = new byte[points.Count * Size];
        for (var i = 0; i < points.Count; i++)
        {
            var field = packed.AsSpan(i * Size, Size);
            var point = points[i];
            BinaryPrimitives.WriteInt64LittleEndian(field, point.Step);
            BinaryPrimitives.WriteDoubleLittleEndian(field[8..], point.Value);
            BinaryPrimitives.WriteInt64LittleEndian(field[16..], point.Time.UtcTicks);
            BinaryPrimitives.WriteDoubleLittleEndian(field[24..], point.Epoch);
            BinaryPrimitives.WriteInt64LittleEndian(field[32..], point.Tokens);
        }

        return packed;
    }

    /// <summary>Reverses <see cref="Pack"/>.</summary>
    /// <exception cref="InvalidDataException">The length is not a multiple of <see cref="Size"/>.</exception>
    public static IReadOnlyList<StoredPoint> Unpack(ReadOnlySpan<byte> packed)
    {
        if (packed.Length % Size != 0)
        {
            throw new InvalidDataException($"Packed metric points: found {packed.Length} bytes, wanted a multiple of {Size}.");
        }

        var points = new StoredPoint[packed.Length / Size];
        for (var i = 0; i < points.Length; i++)
        {
            var field = packed.Slice(i * Size, Size);
            points[i] = new StoredPoint(
                BinaryPrimitives.ReadInt64LittleEndian(field),
                BinaryPrimitives.ReadDoubleLittleEndian(field[8..]),
                new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(field[16..]), TimeSpan.Zero),
                BinaryPrimitives.ReadDoubleLittleEndian(field[24..]),
                BinaryPrimitives.ReadInt64LittleEndian(field[32..]));
        }

        return points;
    }
}
