using System.Buffers;

namespace Studio.Core.Data;

/// <summary>
/// Reads the lines of a byte stream without ever holding more than one line of bounded length: what a longer line has beyond the bound is
/// read over.
/// </summary>
internal sealed class BoundedLineReader(Stream stream, int maxBytes)
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private readonly ArrayBufferWriter<byte> _line = new();
    private int _start;
    private int _end;

    /// <summary>The number of the line read last, from 1.</summary>
    public int LineNumber { get; private set; }

    /// <summary>The bytes of the line read last, without its line feed; valid until the next read.</summary>
    public ReadOnlyMemory<byte> Line => _line.WrittenMemory;

    /// <summary>Whether the line read last was longer than the bound; <see cref="Line"/> then has its beginning.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Reads the next line; false at the end.</summary>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        _line.ResetWrittenCount();
        IsTooLong = false;
        var any = false;
        while (true)
        {
            if (_start == _end)
            {
                (_start, _end) = (0, await stream.ReadAsync(_buffer, cancellation).ConfigureAwait(false));
                if (_end == 0)
                {
                    if (any) LineNumber++;
                    return any;
                }
            }

            any = true;
            var feed = Array.IndexOf(_buffer, (byte)'\n', _start, _end - _start);
            Keep(_buffer.AsSpan(_start, (feed < 0 ? _end : feed) - _start));
            _start = feed < 0 ? _end : feed + 1;
            if (feed < 0) continue;
            LineNumber++;
            return true;
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var room = maxBytes - _line.WrittenCount;
        IsTooLong |= bytes.Length > room;
        _line.Write(bytes[..Math.Min(room, bytes.Length)]);
    }
}
