using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Studio.Core.Generation;

namespace Studio.Core.Serving;

/// <summary>Answers chats: panes of one request join the model's decode batch together, with whatever adapters they name.</summary>
public sealed class ChatService(ModelLibrary models, AdapterPool adapters, TimeProvider? time = null) : IChatService
{
    private const int MaximumPanes = 16;
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> CheckAsync(ChatRequest request, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var problems = request.Sampling.Problems().ToList();
        var model = models.Find(request.ModelId);
        if (model is null) problems.Add($"The model '{request.ModelId}' is not loaded.");
        else problems.AddRange(request.Sampling.ProblemsWith(model.Base.Config.Vocabulary));
        if (request.Panes.Count is < 1 or > MaximumPanes) problems.Add($"The request has {request.Panes.Count} panes; expected 1 to {MaximumPanes}.");
        for (int i = 0; i < request.Panes.Count; i++)
        {
            var messages = request.Panes[i].Messages;
            if (messages.Count == 0 || messages[^1].Role != "user") problems.Add($"Pane {i}: the last message must be the user's.");
            else if (string.IsNullOrWhiteSpace(messages[^1].Content)) problems.Add($"Pane {i}: the message is empty.");
            if (messages.FirstOrDefault(message => message.Role is not ("system" or "user" or "assistant")) is { } odd)
                problems.Add($"Pane {i}: the role '{odd.Role}' is unknown; expected system, user or assistant.");
            if (request.Panes[i] is not { Blend: { } blend } pane) continue;
            problems.AddRange(blend.Problems().Select(problem => $"Pane {i}: {problem}"));
            if (pane.AdapterId is not null) problems.Add($"Pane {i}: there are an adapter and a blend; expected one of them.");
        }
        return Task.FromResult<IReadOnlyList<string>>(problems);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatPiece> StreamAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken ct = default)
    {
        var problems = await CheckAsync(request, ct).ConfigureAwait(false);
        if (problems.Count > 0) throw new StudioException(problems[0], problems);
        using var left = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var pieces = Channel.CreateUnbounded<ChatPiece>(new UnboundedChannelOptions { SingleReader = true });
        var panes = request.Panes.Select((pane, i) => AnswerAsync(request, i, pieces.Writer, left.Token)).ToArray();
        var all = Task.WhenAll(panes).ContinueWith(_ => pieces.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(ct).ConfigureAwait(false)) yield return piece;
        }
        finally
        {
            await left.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(ChatRequest request, int pane, ChannelWriter<ChatPiece> pieces, CancellationToken ct)
    {
        try
        {
            var model = models.Get(request.ModelId);
            await using var answering = await AnsweringAdapter.AcquireAsync(adapters, request.Panes[pane], model, ct).ConfigureAwait(false);
            var prompt = FittedPrompt.Of(request.Panes[pane].Messages, answering.Chat?.Encoder ?? model.Encoder, model.Generator.RoomFor(answering.Instance), request.Sampling.MaxNewTokens, request.WhenTooLong);
            if (prompt.Window is { } window) pieces.TryWrite(new ChatPiece(pane, "", null, 0, 0, window));
            long start = 0;
            var generation = new GenerationRequest { Prompt = prompt.Ids, Adapter = answering.Instance, Sampling = request.Sampling, StopIds = answering.Chat?.Format.StopIds };
            await foreach (var piece in model.Generator.GenerateAsync(generation, ct).ConfigureAwait(false))
            {
                // Speed counts from the first token on: the prompt's time is not the model's writing speed.
                if (start == 0) start = _time.GetTimestamp();
                double seconds = _time.GetElapsedTime(start).TotalSeconds;
                pieces.TryWrite(new ChatPiece(pane, piece.Text, piece.Finish, piece.Tokens, seconds > 0 ? (piece.Tokens - 1) / seconds : 0,
                    Prompt: piece.Finish is null or FinishReason.Error ? null : new PromptUse(prompt.Ids.Count, piece.Reused)));
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The reader left or stopped the answers: there is nobody to tell.
        }
        catch (Exception error)
        {
            pieces.TryWrite(new ChatPiece(pane, error.Message, FinishReason.Error, 0, 0));
        }
    }
}
