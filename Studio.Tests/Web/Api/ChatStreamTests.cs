using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Studio.Core.Serving;

namespace Studio.Tests.Web.Api;

public sealed class ChatStreamTests
{
    private const string Body = """{"messages":[{"role":"user","content":"Hello"}]}""";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_FirstPiece_ArrivesWhileTheAnswerGoesOn_AndLeavingEndsIt()
    {
        var chat = new EndlessChat();
        await using var studio = await RunningStudio.StartAsync(services => services.AddSingleton<IChatService>(chat));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/chat") { Content = new StringContent(Body, System.Text.Encoding.UTF8, "application/json") };

        var response = await studio.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Ct)))
        {
            Assert.Equal("""data: {"pane":0,"text":"Well","finish":null,"tokens":1,"tokensPerSecond":0}""", await reader.ReadLineAsync(Ct));
            Assert.False(chat.Left.IsCompleted);
        }
        response.Dispose();

        await chat.Left.WaitAsync(Ct);
    }

    [Fact]
    public async Task Whole_CallerLeaves_EndsTheAnswer()
    {
        var chat = new EndlessChat();
        await using var studio = await RunningStudio.StartAsync(services => services.AddSingleton<IChatService>(chat));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        using var content = new StringContent(Body[..^1] + ""","stream":false}""", System.Text.Encoding.UTF8, "application/json");

        var asked = studio.Client.PostAsync("/api/chat", content, leaving.Token);
        await chat.Begun.WaitAsync(Ct);
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        await chat.Left.WaitAsync(Ct);
    }

    /// <summary>Says one word, and then nothing until its caller leaves.</summary>
    private sealed class EndlessChat : IChatService
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        public Task Left => _left.Task;

        public Task<IReadOnlyList<string>> CheckAsync(ChatRequest request, CancellationToken ct = default) => Task.FromResult<IReadOnlyList<string>>([]);

        public async IAsyncEnumerable<ChatPiece> StreamAsync(ChatRequest request, [EnumeratorCancellation] CancellationToken ct = default)
        {
            _begun.SetResult();
            try
            {
                yield return new ChatPiece(0, "Well", null, 1, 0);
                await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            }
            finally
            {
                _left.SetResult();
            }
        }
    }
}
