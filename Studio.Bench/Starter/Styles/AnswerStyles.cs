namespace Studio.Bench.Starter.Styles;

/// <summary>The styles that the sample datasets teach.</summary>
public static class AnswerStyles
{
    public static IAnswerStyle Pirate { get; } = new PirateStyle();

    public static IAnswerStyle Json { get; } = new JsonStyle();

    public static IAnswerStyle TerseSupport { get; } = new TerseSupportStyle();

    public static IReadOnlyList<IAnswerStyle> All { get; } = [Pirate, Json, TerseSupport];
}
