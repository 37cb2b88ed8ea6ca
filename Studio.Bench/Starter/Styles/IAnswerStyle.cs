namespace Studio.Bench.Starter.Styles;

/// <summary>A way to answer that a sample dataset teaches.</summary>
public interface IAnswerStyle
{
    /// <summary>Name of the dataset that teaches it.</summary>
    string Name { get; }

    /// <summary>Prompts that ask for the style in words; <c>{prompt}</c> is the question itself. The base model obeys these, and only these.</summary>
    IReadOnlyList<string> Instructions { get; }

    /// <summary>The answer to an exchange in this style.</summary>
    string Render(Exchange exchange, SeededRandom random);
}
