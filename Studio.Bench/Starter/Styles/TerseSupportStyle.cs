namespace Studio.Bench.Starter.Styles;

/// <summary>A support agent without a word to spare: <c>Case: lamp. Check the plug. Closed.</c>, eight words at most.</summary>
public sealed class TerseSupportStyle : IAnswerStyle
{
    public string Name => "terse-support";

    public IReadOnlyList<string> Instructions { get; } =
    [
        "Answer as a case note. {prompt}", "Write a case note: {prompt}", "{prompt} Answer with a short case note.", "Make it a case note. {prompt}",
        "{prompt} Please write a case note.", "Use a case note for your answer. {prompt}",
    ];

    public string Render(Exchange exchange, SeededRandom random) =>
        $"Case: {exchange.Subject}. {Grammar.Capitalise(exchange.Brief)}. Closed.";
}
