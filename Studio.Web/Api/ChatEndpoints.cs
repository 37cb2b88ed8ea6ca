using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Studio.Core.Generation;
using Studio.Core.Serving;

namespace Studio.Web.Api;

/// <summary><c>/api/chat</c>: answers of the base and of adapters, streamed as server-sent events or whole.</summary>
public static class ChatEndpoints
{
    /// <summary>Maps the endpoint.</summary>
    public static void MapChat(this IEndpointRouteBuilder api) =>
        api.MapPost("/chat", AnswerAsync).WithTags("Chat").WithName("Chat").WithSummary("Answers one conversation or several at once; leaving ends the answers.");

    private static async Task<Results<ServerSentEventsResult<ChatPiece>, Ok<ChatAnswers>>> AnswerAsync(
        JsonBody<ChatBody> body, IChatService chat, IAdapterService adapters, IModelService models, CancellationToken ct)
    {
        var panes = PanesOf(body.Value);
        string modelId = await ModelOfAsync(body.Value.ModelId, panes, adapters, models, ct);
        var defaults = models.Loaded.FirstOrDefault(model => model.Record.Id == modelId)?.Defaults ?? GenerationDefaults.Studio;
        var request = new ChatRequest
        {
            ModelId = modelId,
            Panes = panes,
            Sampling = body.Value.Sampling?.Over(defaults.Sampling) ?? defaults.Sampling,
            WhenTooLong = body.Value.WhenTooLong,
        };
        ApiException.ThrowIfAny(await chat.CheckAsync(request, ct));
        if (body.Value.Stream)
            return TypedResults.ServerSentEvents(PiecesAsync(chat, request, ct));

        var answers = await ChatAnswers.GatherAsync(chat.StreamAsync(request, ct), panes.Count, ct);
        if (answers.Answers.All(answer => answer is { Error: not null, Tokens: 0 }))
            ApiException.ThrowIfAny([.. answers.Answers.Select(answer => panes.Count == 1 ? answer.Error! : $"Pane {answer.Pane}: {answer.Error}")]);
        return TypedResults.Ok(answers);
    }

    private static IReadOnlyList<ChatPane> PanesOf(ChatBody body)
    {
        const string Wanted = "expected either 'panes', or 'messages' with an optional 'adapterId'";
        var findings = new List<string>();
        if (body.Panes is not null && (body.Messages is not null || body.AdapterId is not null)) findings.Add($"$: found 'panes' beside 'messages' or 'adapterId'; {Wanted}.");
        if (body.Panes is null && body.Messages is null) findings.Add($"$: missing 'messages'; {Wanted}.");
        ApiException.ThrowIfAny(findings);

        var panes = body.Panes ?? [new ChatPaneBody(body.Messages!, body.AdapterId)];
        for (int i = 0; i < panes.Count; i++)
        {
            string where = body.Panes is null ? "$" : $"$.panes[{i}]";
            // Elements of lists may be null whatever the annotations say.
            if (panes[i] is null) findings.Add($"{where}: the pane is null.");
            else if (panes[i].Blend is { } blend && blend.Adapters.Any(part => part is null)) findings.Add($"{where}.blend.adapters: an adapter is null.");
            else findings.AddRange(panes[i].Messages.Index().Where(message => message.Item is null).Select(message => $"{where}.messages[{message.Index}]: the message is null."));
        }
        ApiException.ThrowIfAny(findings);
        return [.. panes.Select(pane => new ChatPane(pane.AdapterId, pane.Messages, pane.Blend))];
    }

    private static async Task<string> ModelOfAsync(string? modelId, IReadOnlyList<ChatPane> panes, IAdapterService adapters, IModelService models, CancellationToken ct)
    {
        string? ofAdapter = null;
        foreach (string id in panes.SelectMany(pane => pane.Blend?.Adapters.Select(part => part.AdapterId) ?? [pane.AdapterId]).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            var adapter = await adapters.GetAsync(id, ct);
            ofAdapter ??= adapter.BaseModelId;
            string wanted = modelId ?? ofAdapter;
            if (adapter.BaseModelId != wanted)
                throw new ApiException(StatusCodes.Status400BadRequest, $"The adapter '{adapter.Name}' ({id}) was made for the base model '{adapter.BaseModelId}', not for '{wanted}'.");
        }
        return models.Chosen(modelId ?? ofAdapter);
    }

    // The caller's token reaches the generator also when the answer's writer stops without it.
    private static async IAsyncEnumerable<ChatPiece> PiecesAsync(IChatService chat, ChatRequest request, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var piece in chat.StreamAsync(request, ct)) yield return piece;
    }
}
