using System.Runtime.InteropServices;
using System.Threading.Channels;
using Studio.Core.Clients;
using Studio.Core.Data;
using Studio.Core.Models;
using Studio.Core.Text;

namespace Studio.Core.Generation;

/// <summary>One answer on its way: what is still to be fed, the cache, the sampler, and the channel its reader listens to.</summary>
internal sealed class GenerationSession : IDisposable
{
    private readonly Channel<GeneratedPiece> _pieces = Channel.CreateUnbounded<GeneratedPiece>(new UnboundedChannelOptions { SingleReader = true });
    private readonly LogitsPipeline _pipeline;
    private readonly StreamingDecoder _decoder;
    private readonly StopTextFilter _filter;
    private readonly HashSet<int> _stopIds;
    private readonly int _contextLength;
    private readonly int _maxNewTokens;
    private readonly List<int> _ids;
    private readonly int _promptLength;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _fed;
    private int _generated;
    private bool _yielded;

    public GenerationSession(GenerationRequest request, TextTokenizer tokenizer, KeyValueCache cache, IEnumerable<int> stopIds, int contextLength, CancellationToken ct)
    {
        var sampling = request.Sampling;
        _stopIds = [.. stopIds];
        _pipeline = new LogitsPipeline(sampling, (ulong?)sampling.Seed ?? RandomSource.NewSeed(), _stopIds);
        _ids = [.. request.Prompt];
        _promptLength = _ids.Count;
        _pipeline.Observe([.. _ids]);
        _decoder = new StreamingDecoder(tokenizer);
        _filter = new StopTextFilter(sampling.Stop);
        _contextLength = contextLength;
        _maxNewTokens = sampling.MaxNewTokens;
        Adapter = request.Adapter;
        Cache = cache;
        Cancelled = ct;
    }

    public AdapterInstance? Adapter { get; }

    public KeyValueCache Cache { get; private set; }

    public CancellationToken Cancelled { get; }

    public bool Ended { get; private set; }

    /// <summary>Tokens chosen so far.</summary>
    public int Generated => _generated;

    public bool HasFailed { get; private set; }

    /// <summary>Edition of the adapter that the first tokens were fed with; null before, and where nobody asked.</summary>
    public string? Edition { get; private set; }

    /// <summary>Tokens of the prompt that were known already.</summary>
    public int Reused { get; private set; }

    public ChannelReader<GeneratedPiece> Pieces => _pieces.Reader;

    /// <summary>Completes when nothing of the session is in use any more.</summary>
    public Task Released => _released.Task;

    public ReadOnlySpan<int> Prompt => CollectionsMarshal.AsSpan(_ids)[.._promptLength];

    /// <summary>Whether tokens of the prompt are still to be fed.</summary>
    public bool IsReading => _fed < _promptLength;

    /// <summary>The tokens that were fed.</summary>
    public KnownPrefix Known => new(Edition!, _ids[.._fed].ToArray(), Cache);

    /// <summary>The adapter's edition at this moment; within holds.</summary>
    public string CurrentEdition() => Adapter?.Edition() ?? "";

    /// <summary>Begins with what is known of the prompt.</summary>
    /// <param name="edition">The adapter's edition.</param>
    /// <param name="cache">Keys and values of the first tokens, owned by the session from here on; null = none.</param>
    /// <param name="tokens">How many tokens they are of.</param>
    public void Begin(string edition, KeyValueCache? cache, int tokens)
    {
        Edition = edition;
        if (cache is null) return;
        Cache.Dispose();
        (Cache, Reused, _fed) = (cache, tokens, tokens);
    }

    /// <summary>Tokens to feed next: the rest of the prompt, at most <paramref name="limit"/>, or the last token.</summary>
    public int[] NextInput(int limit) => [.. _ids.Skip(_fed).Take(limit)];

    /// <summary>Tokens not fed yet.</summary>
    public int Pending => _ids.Count - _fed;

    /// <summary>The given number of tokens are in the cache now.</summary>
    public void Advance(int count) => _fed += count;

    /// <summary>Chooses the next token from logits of the last position and writes its text.</summary>
    public void Accept(Span<float> logits)
    {
        int id = _pipeline.Next(logits);
        _generated++;
        if (_stopIds.Contains(id))
        {
            Finish(FinishReason.Stop);
            return;
        }
        _ids.Add(id);
        string text = _filter.Push(_decoder.Push(id));
        if (_filter.Stopped)
        {
            Write(text, FinishReason.Stop);
            return;
        }
        bool full = _generated >= _maxNewTokens || _ids.Count >= _contextLength;
        if (full) Finish(FinishReason.Length, text);
        else Write(text, null);
    }

    /// <summary>Ends the answer with an error for its reader.</summary>
    public void Fail(string message)
    {
        HasFailed = true;
        Write(message, FinishReason.Error);
    }

    /// <summary>Ends the answer because its reader left.</summary>
    public void Cancel()
    {
        Ended = true;
        _pieces.Writer.TryComplete(new OperationCanceledException(Cancelled));
    }

    /// <summary>Gives its keys and values to another owner.</summary>
    public KnownPrefix Yield()
    {
        _yielded = true;
        return Known;
    }

    public void Dispose()
    {
        if (!_yielded) Cache.Dispose();
    }

    /// <summary>Tells the reader that nothing of it is in use any more.</summary>
    public void Release() => _released.TrySetResult();

    private void Finish(FinishReason reason, string text = "") =>
        Write(text + _filter.Push(_decoder.Flush()) + _filter.Flush(), reason);

    private void Write(string text, FinishReason? finish)
    {
        if (text.Length > 0 || finish is not null) _pieces.Writer.TryWrite(new GeneratedPiece(text, _generated, finish, Reused));
        if (finish is null) return;
        Ended = true;
        _pieces.Writer.TryComplete();
    }
}
