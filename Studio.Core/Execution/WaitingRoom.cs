using System.Diagnostics;
using Studio.Core.Models;
using static TorchSharp.torch;

namespace Studio.Core.Execution;

/// <summary>One client's request for a layer, waiting to be computed by itself or by a batch-mate.</summary>
internal sealed class BaseRequest(ExecutorClient client, Tensor rows, RowGroups? groups)
{
    public ExecutorClient Client => client;

    public Tensor Rows => rows;

    public RowGroups? Groups => groups;

    public int RowCount { get; } = checked((int)rows.size(0));

    /// <summary>Intra-op threads of the client's own thread, which wait with it; known in a room.</summary>
    public int Threads { get; set; }

    /// <summary>The client's account when it came into the room.</summary>
    public double Account { get; set; }

    public Tensor? Result { get; set; }

    public Exception? Failure { get; set; }

    public bool Done { get; set; }

    public bool Leads { get; set; }
}

/// <summary>
/// Where requests for one layer and direction meet (flat combining): the client that finds the layer free computes in its own thread and
/// takes along whoever waits; those who come meanwhile wait, and the one with the smallest account leads next and takes others along in that order.
/// </summary>
internal sealed class WaitingRoom(int maximumRows, FairClock fair, Func<IReadOnlyList<BaseRequest>, Tensor[]> compute)
{
    private readonly object _gate = new();
    private readonly List<BaseRequest> _waiting = [];
    private bool _occupied;
    private volatile bool _leaderWaits;

    /// <summary>Answers a request, in this thread or in a batch-mate's.</summary>
    /// <param name="request">The request.</param>
    /// <param name="patience">Longest wait for mates once this client leads.</param>
    /// <param name="matesExpected">Passes of clients that are not here yet and worth waiting for.</param>
    /// <param name="ct">Leaves the room, unless a mate already computes the answer.</param>
    public Tensor Submit(BaseRequest request, TimeSpan patience, Func<IReadOnlyList<BaseRequest>, IEnumerable<ExecutorClient.Pass>> matesExpected, CancellationToken ct)
    {
        List<BaseRequest> batch;
        request.Threads = get_num_threads();
        long arrived = Stopwatch.GetTimestamp();
        using (ct.Register(Pulse))
        {
            lock (_gate)
            {
                request.Account = fair.Enter(request.Client.Account);
                _waiting.Add(request);
                // Here and not before: until it is present, a leader must go on expecting it.
                request.Client.CurrentPass?.Arrive();
                Monitor.PulseAll(_gate);
                if (!_occupied) _occupied = request.Leads = true;
                while (!request.Done && !request.Leads)
                {
                    if (ct.IsCancellationRequested && _waiting.Remove(request)) ct.ThrowIfCancellationRequested();
                    Monitor.Wait(_gate);
                }
                if (!request.Done) WaitForMates(request, patience, matesExpected, ct);
                request.Client.AddWait(Stopwatch.GetTimestamp() - arrived);
                if (request.Done) return Answer(request);
                batch = TakeBatch(request);
            }
        }
        try
        {
            Compute(batch);
        }
        finally
        {
            lock (_gate)
            {
                foreach (var member in batch) member.Done = true;
                PassLead();
                Monitor.PulseAll(_gate);
            }
        }
        return Answer(request);
    }

    /// <summary>Whether a leader waits for mates now.</summary>
    public bool LeaderWaits => _leaderWaits;

    /// <summary>Lets waiting leaders look again who is still expected.</summary>
    public void Pulse()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    /// <summary><see cref="Pulse"/>, cheap where nobody leads and waits: for every move of a client.</summary>
    public void PulseLeader()
    {
        if (_leaderWaits) Pulse();
    }

    private void WaitForMates(BaseRequest request, TimeSpan patience, Func<IReadOnlyList<BaseRequest>, IEnumerable<ExecutorClient.Pass>> matesExpected, CancellationToken ct)
    {
        if (patience <= TimeSpan.Zero) return;
        long start = Stopwatch.GetTimestamp();
        _leaderWaits = true;
        try
        {
            // Whoever moves first writes its place, then looks for leaders; a leader shows itself first, then looks at the places.
            Interlocked.MemoryBarrier();
            while (_waiting.Sum(r => r.RowCount) < maximumRows && matesExpected(_waiting).Any())
            {
                if (ct.IsCancellationRequested)
                {
                    _waiting.Remove(request);
                    PassLead();
                    Monitor.PulseAll(_gate);
                    ct.ThrowIfCancellationRequested();
                }
                var left = patience - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    foreach (var pass in matesExpected(_waiting)) pass.IsLate = true;
                    return;
                }
                Monitor.Wait(_gate, left);
            }
        }
        finally
        {
            _leaderWaits = false;
        }
    }

    private List<BaseRequest> TakeBatch(BaseRequest leader)
    {
        var batch = new List<BaseRequest> { leader };
        _waiting.Remove(leader);
        int rows = leader.RowCount;
        foreach (var candidate in _waiting.OrderBy(waiting => waiting.Account))
        {
            // Calls over experts bring their own grouping and travel alone.
            if (leader.Groups is not null || candidate.Groups is not null || rows + candidate.RowCount > maximumRows) continue;
            rows += candidate.RowCount;
            batch.Add(candidate);
        }
        _waiting.RemoveAll(batch.Contains);
        foreach (var member in batch) member.Client.Account = fair.Serve(member.Account, member.RowCount, member.Client.Options.Share);
        return batch;
    }

    private void Compute(List<BaseRequest> batch)
    {
        if (batch.Count > 1)
        {
            try
            {
                var results = compute(batch);
                for (int i = 0; i < batch.Count; i++) batch[i].Result = results[i];
                return;
            }
            catch (Exception)
            {
                // One member's request must not fail its mates: each is computed alone below and keeps its own failure.
            }
        }
        foreach (var member in batch)
        {
            try
            {
                member.Result = compute([member])[0];
            }
            catch (Exception error)
            {
                member.Failure = error;
            }
        }
    }

    private void PassLead()
    {
        if (_waiting.Count > 0) _waiting.MinBy(waiting => waiting.Account)!.Leads = true;
        else _occupied = false;
    }

    private static Tensor Answer(BaseRequest request) =>
        request.Failure is null
            ? request.Result!
            : throw new InvalidOperationException($"The base layer failed for client '{request.Client.Options.Name}': {request.Failure.Message}", request.Failure);
}
