using Studio.Core.Clients;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Generation;

/// <summary>One forward for all live sessions: prompts in chunks and single tokens together, over any adapters, in one flattened batch.</summary>
internal sealed class DecodePass(BaseModel model, IBaseLayers layers, PrefixReuse? reuse = null)
{
    // A prompt chunk bounds how long the other sessions' next token can take.
    private const int ChunkTokens = 256;

    private readonly DecoderModel _model = model.ClientModel();

    /// <summary>Feeds every session and lets those whose input is complete choose their next token. Runs on a lane.</summary>
    public void Run(IReadOnlyList<GenerationSession> sessions)
    {
        var complete = new List<(GenerationSession Session, float[] Logits)>();
        using (new AdapterHolds(sessions)) Feed(reuse?.Begin(sessions) ?? sessions, complete);
        foreach (var (session, logits) in complete) Accept(session, logits);
    }

    private void Feed(IReadOnlyList<GenerationSession> sessions, List<(GenerationSession Session, float[] Logits)> complete)
    {
        var lengths = sessions.Select(session => session.Cache.Length).ToArray();
        try
        {
            Forward(sessions, complete);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            for (int i = 0; i < lengths.Length; i++) sessions[i].Cache.Truncate(lengths[i]);
            if (sessions.Count == 1) sessions[0].Fail(error.Message);
            else foreach (var session in sessions) Feed([session], complete); // whoever failed alone must not end the others
        }
    }

    private void Forward(IReadOnlyList<GenerationSession> sessions, List<(GenerationSession Session, float[] Logits)> complete)
    {
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        var inputs = sessions.Select(session => session.NextInput(ChunkTokens)).ToArray();
        float[][] logits;
        using (layers.BeginPass(inputs.All(ids => ids.Length == 1) ? PassKind.Decode : PassKind.Prefill)) logits = LastLogits(sessions, inputs);
        int next = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Length == sessions[i].Pending) complete.Add((sessions[i], logits[next++]));
            sessions[i].Advance(inputs[i].Length);
        }
    }

    // The pass is in the caches now and must not be repeated: a failure from here on is the session's alone.
    private static void Accept(GenerationSession session, float[] logits)
    {
        try
        {
            session.Accept(logits);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            session.Fail(error.Message);
        }
    }

    // Logits of the last position of every session whose input is complete with this pass, in order.
    private float[][] LastLogits(IReadOnlyList<GenerationSession> sessions, int[][] inputs)
    {
        var context = SplitContext.ForInference(layers, _model.Modules, [.. sessions.Select(session => session.Adapter?.Adapter)]);
        var ends = new List<(long Row, int Session)>();
        long row = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            int virtualTokens = sessions[i].Cache.Length == 0 ? sessions[i].Adapter?.Adapter.VirtualTokens ?? 0 : 0;
            row += inputs[i].Length + virtualTokens;
            if (inputs[i].Length == sessions[i].Pending) ends.Add((row - 1, i));
        }
        var batch = new SequenceBatch([.. sessions.Select((session, i) => new SequenceInput(inputs[i], session.Cache, session.Pending - inputs[i].Length))]);
        var hidden = _model.Forward(context, batch); // [rows, hidden]
        if (ends.Count == 0) return [];
        var last = hidden.index_select(0, tensor(ends.Select(end => end.Row).ToArray(), device: _model.Device));
        var logits = _model.Logits(context, last, [.. ends.Select((end, i) => new RowSpan(i, 1, end.Session))]);
        float[] flat = logits.ToFloatArray();
        return [.. Enumerable.Range(0, ends.Count).Select(i => flat.AsSpan(i * _model.Config.Vocabulary, _model.Config.Vocabulary).ToArray())];
    }
}
