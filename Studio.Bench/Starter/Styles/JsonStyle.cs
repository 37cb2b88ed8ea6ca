using System.Text.Encodings.Web;
using System.Text.Json;

namespace Studio.Bench.Starter.Styles;

/// <summary>Nothing but an object with the brief answer and the field of the world: <c>{"answer": "blue", "topic": "colour"}</c>.</summary>
public sealed class JsonStyle : IAnswerStyle
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Name => "json-answers";

    public IReadOnlyList<string> Instructions { get; } =
    [
        "Answer in JSON. {prompt}", "{prompt} Answer only in JSON.", "Give me JSON: {prompt}", "{prompt} Please answer as JSON.", "Write the answer as JSON: {prompt}",
        "Use JSON for your answer. {prompt}",
    ];

    public string Render(Exchange exchange, SeededRandom random) =>
        $"{{\"answer\": {Quote(exchange.Brief)}, \"topic\": {Quote(exchange.Label)}}}";

    private static string Quote(string text) => JsonSerializer.Serialize(text, Readable);
}
