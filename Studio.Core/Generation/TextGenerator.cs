using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Telemetry;
using Studio.Core.Tensors;
using Studio.Core.Text;

namespace Studio.Core.Generation;

/// <summary>
/// Generates answers on one base model. All live sessions, whatever their adapters, are decoded in one flattened batch; sessions join and
/// leave between passes. Each pass borrows an interactive lane; between passes no thread is held.
/// </summary>
public sealed class TextGenerator : IAsyncDisposable
{
    private readonly BaseModel _model;
    private readonly TextTokenizer _tokenizer;
    private readonly ComputeLanePool _lanes;
    private readonly IBaseLayers _layers;
    private readonly PrefixCache _kept;
    private readonly PrefixReuse? _reuse;
    private readonly DecodePass _pass;
    private readonly IReadOnlyList<int> _stopIds;
    private readonly Channel<GenerationSession> _arrivals = Channel.CreateUnbounded<GenerationSession>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ThroughputMeter _throughput = new();
    private readonly Task _loop;
    private long _cacheBytes;
    private long _keptBytes;

    /// <summary>Attaches to the model and starts to serve.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="stopIds">Ids that end an answer.</param>
    /// <param name="lanes">Where passes run.</param>
    /// <param name="prefixCacheBytes">Most bytes of keys and values of ended answers to keep for prompts that begin alike; 0 = none.</param>
    public TextGenerator(BaseModel model, TextTokenizer tokenizer, IReadOnlyList<int> stopIds, ComputeLanePool lanes, long prefixCacheBytes = 0)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(prefixCacheBytes);
        _model = model;
        _tokenizer = tokenizer;
        _stopIds = stopIds;
        _lanes = lanes;
        _layers = model.Attach(new ClientOptions { Name = "chat", Phase = PassKind.Decode, Goal = PerformanceGoal.Latency, Device = model.ClientDevice });
        _kept = new PrefixCache(prefixCacheBytes);
        _reuse = prefixCacheBytes > 0 ? new PrefixReuse(_kept) : null;
        _pass = new DecodePass(model, _layers, _reuse);
        _loop = Task.Run(ServeAsync);
    }

    /// <summary>Ids that end an answer whose request names none.</summary>
    public IReadOnlyList<int> StopIds => _stopIds;

    /// <summary>Bytes of all live KV caches.</summary>
    public long CacheBytes => Volatile.Read(ref _cacheBytes);

    /// <summary>Tokens generated a second by all sessions, over the last seconds.</summary>
    public double TokensPerSecond => _throughput.TokensPerSecond;

    /// <summary>Bytes of KV caches of ended answers, kept for prompts that begin alike.</summary>
    public long KeptBytes => Volatile.Read(ref _keptBytes);

    /// <summary>Raised when <see cref="CacheBytes"/> or <see cref="KeptBytes"/> changed, on a worker thread.</summary>
    public event Action? CacheChanged;

    /// <summary>Tokens of prompt and answer together that the context holds, beside an adapter's virtual tokens.</summary>
    public int RoomFor(AdapterInstance? adapter) => _model.Config.ContextLength - (int)(adapter?.Adapter.VirtualTokens ?? 0);

    /// <summary>Streams one answer; cancelling ends it. When the stream has ended, nothing of the request is in use any more.</summary>
    /// <exception cref="ArgumentException">The prompt is empty or fills the context, or the sampling settings have problems.</exception>
    public async IAsyncEnumerable<GeneratedPiece> GenerateAsync(GenerationRequest request, [EnumeratorCancellation] CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Prompt.Count == 0) throw new ArgumentException("The prompt has no tokens.");
        int room = RoomFor(request.Adapter);
        if (request.Prompt.Count >= room)
            throw new ArgumentException($"The conversation has {request.Prompt.Count} tokens; the model's context holds {room}. Shorten or clear it.");
        if (request.Sampling.ProblemsWith(_model.Config.Vocabulary) is { Count: > 0 } problems) throw new ArgumentException(string.Join(" ", problems));
        using var left = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var cache = new KeyValueCache(_model.Config, _model.ComputeType, _model.ClientDevice);
        GenerationSession session;
        try
        {
            session = new GenerationSession(request, _tokenizer, cache, request.StopIds ?? _stopIds, room, left.Token);
            await _arrivals.Writer.WriteAsync(session, ct).ConfigureAwait(false);
        }
        catch
        {
            cache.Dispose();
            throw;
        }
        try
        {
            await foreach (var piece in session.Pieces.ReadAllAsync(ct).ConfigureAwait(false)) yield return piece;
        }
        finally
        {
            // A reader that leaves early ends its session; the loop frees it. Until then a pass may use the adapter.
            await left.CancelAsync().ConfigureAwait(false);
            await session.Released.ConfigureAwait(false);
        }
    }

    /// <summary>Frees what is kept of an adapter's answers, now and later: it will not answer again.</summary>
    public async Task ForgetAsync(string adapterId)
    {
        await _lanes.RunAsync(LanePriority.Interactive, () => _kept.Forget(adapterId)).ConfigureAwait(false);
        Report();
    }

    /// <summary>Ends all sessions, frees what is kept and detaches from the model.</summary>
    public async ValueTask DisposeAsync()
    {
        _arrivals.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await _lanes.RunAsync(LanePriority.Interactive, _kept.Dispose).ConfigureAwait(false);
        Report(0);
        _layers.Dispose();
    }

    private async Task ServeAsync()
    {
        var live = new List<GenerationSession>();
        while (live.Count > 0 || await _arrivals.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_arrivals.Reader.TryRead(out var arrival)) live.Add(arrival);
            bool closing = _arrivals.Reader.Completion.IsCompleted;
            foreach (var session in live.Where(session => closing || session.Cancelled.IsCancellationRequested)) session.Cancel();
            await Retire(live).ConfigureAwait(false);
            if (live.Count == 0) continue;
            long before = live.Sum(session => (long)session.Generated);
            try
            {
                await _lanes.RunAsync(LanePriority.Interactive, () => _pass.Run(live)).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                foreach (var session in live) session.Fail(error.Message);
            }
            _throughput.Add(live.Sum(session => (long)session.Generated) - before);
            await Retire(live).ConfigureAwait(false);
        }
    }

    // Caches are tensors: they are freed on a lane like every other.
    private async Task Retire(List<GenerationSession> live)
    {
        var ended = live.Where(session => session.Ended).ToList();
        live.RemoveAll(session => session.Ended);
        try
        {
            if (ended.Count > 0) await _lanes.RunAsync(LanePriority.Interactive, () => ended.ForEach(End)).ConfigureAwait(false);
            Report(live.Sum(session => session.Cache.Bytes));
        }
        finally
        {
            ended.ForEach(session => session.Release());
        }
    }

    private void End(GenerationSession session)
    {
        if (_reuse is null) session.Dispose();
        else _reuse.End(session);
    }

    private void Report(long? live = null)
    {
        long kept = _kept.Bytes;
        bool changed = Interlocked.Exchange(ref _keptBytes, kept) != kept;
        if (live is { } bytes) changed |= Interlocked.Exchange(ref _cacheBytes, bytes) != bytes;
        if (changed) CacheChanged?.Invoke();
    }
}
