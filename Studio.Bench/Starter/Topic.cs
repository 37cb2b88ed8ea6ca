namespace Studio.Bench.Starter;

/// <summary>One intent of the little world: how people ask, which facts it draws, how it is answered.</summary>
public sealed record Topic
{
    private static readonly Dictionary<string, string> NoFacts = [];

    /// <summary>Unique name of the intent.</summary>
    public required string Name { get; init; }

    /// <summary>The field of the world it belongs to: one of a small fixed set.</summary>
    public required string Label { get; init; }

    /// <summary>Template of <see cref="Exchange.Subject"/>.</summary>
    public required string Subject { get; init; }

    /// <summary>Template of <see cref="Exchange.Brief"/>.</summary>
    public required string Brief { get; init; }

    /// <summary>Templates of what the user may write.</summary>
    public required IReadOnlyList<string> Prompts { get; init; }

    /// <summary>Templates of the plain answer.</summary>
    public required IReadOnlyList<string> Answers { get; init; }

    /// <summary>How often it is drawn, relative to the others.</summary>
    public int Weight { get; init; } = 10;

    /// <summary>True if the user tells something that may be asked for again after other turns.</summary>
    public bool Remembered { get; init; }

    /// <summary>Draws the facts that fill the slots.</summary>
    public Func<SeededRandom, IReadOnlyDictionary<string, string>> Facts { get; init; } = _ => NoFacts;

    /// <summary>What the user may ask next about the same facts; these use the facts of their parent.</summary>
    public IReadOnlyList<Topic> FollowUps { get; init; } = [];

    /// <summary>One exchange over facts that were drawn before.</summary>
    public Exchange Speak(IReadOnlyDictionary<string, string> facts, SeededRandom random) => new()
    {
        Prompt = Template.Fill(random.Pick(Prompts), facts, random),
        Answer = Template.Fill(random.Pick(Answers), facts, random),
        Subject = Template.FillPlain(Subject, facts, random),
        Brief = Template.FillPlain(Brief, facts, random),
        Label = Label,
    };

    /// <summary>One exchange over new facts.</summary>
    public Exchange Speak(SeededRandom random) => Speak(Facts(random), random);
}
