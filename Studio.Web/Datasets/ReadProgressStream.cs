namespace Studio.Web.Datasets;

/// <summary>A stream that tells how much has been read from it.</summary>
/// <param name="inner">What is read; disposed with this stream.</param>
/// <param name="report">Called after each read with all bytes so far, on the reader's thread; must be quick.</param>
public sealed class ReadProgressStream(Stream inner, Action<long> report) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException("A progress stream is read from its beginning to its end.");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("A progress stream cannot seek.");

    public override void SetLength(long value) => throw new NotSupportedException("A progress stream is read only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("A progress stream is read only.");

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private int Count(int read)
    {
        _read += read;
        report(_read);
        return read;
    }
}
