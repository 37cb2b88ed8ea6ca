using Studio.Bench.Starter.World;

namespace Studio.Bench.Starter.Topics;

/// <summary>Colours, uses and materials of things, and what belongs to which kind.</summary>
public static class ThingTopics
{
    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "colour", Label = "colour", Weight = 20, Subject = "{noun}", Brief = "{colour}",
            Facts = Colour,
            Prompts =
            [
                "What colour is {thing}?", "Which colour [is|has] {thing}?", "What is the colour of {thing}?", "Tell me the colour of {thing}.",
                "Do you know the colour of {thing}?", "[Can|Could] you tell me what colour {thing} is?", "I want to paint {thing}. Which colour do I need?",
                "I am drawing {thing}. What colour should I use?", "What colour does {thing} have?", "Please tell me the colour of {thing}.",
                "Which pencil do I need to draw {thing}?", "My child asks what colour {thing} is.", "In my picture I see {thing}. What colour is it?",
                "Name the colour of {thing}.",
            ],
            Answers =
            [
                "{thing} is {colour}.", "The colour of {thing} is {colour}.", "{thing} is {colour}. That is a [nice|lovely|fine] colour.", "It is {colour}.",
            ],
        },
        new()
        {
            Name = "colour-check", Label = "colour", Weight = 6, Subject = "{noun}", Brief = "no, {colour}",
            Facts = WrongColour,
            Prompts =
            [
                "Is {thing} {wrong}?", "Is the colour of {thing} {wrong}?", "I think {thing} is {wrong}. Am I right?", "Is it true that {thing} is {wrong}?",
                "My friend says {thing} is {wrong}. Is that [true|right]?", "{thing} is {wrong}, right?", "Should I paint {thing} {wrong}?",
                "Do you think {thing} is {wrong}?", "Can I draw {thing} in {wrong}?", "[Please tell|Tell] me if {thing} is {wrong}.",
                "Would you say {thing} is {wrong}?", "Does {thing} look {wrong}?", "Do you know if {thing} is {wrong}?",
            ],
            Answers = ["No, {thing} is {colour}.", "No, {thing} is not {wrong}. It is {colour}.", "No, the colour of {thing} is {colour}."],
        },
        new()
        {
            Name = "colour-find", Label = "colour", Weight = 5, Subject = "{colour}", Brief = "{thing}",
            Facts = Colour,
            Prompts =
            [
                "Show me something {colour}.",
                "What is {colour}?", "Name something {colour}.", "Tell me something that is {colour}.", "What thing is {colour}?", "Give me {a:colour} thing.",
                "Do you know something {colour}?", "I am looking for something {colour}.", "Which thing is {colour}?", "[Can|Could] you name something {colour}?",
                "What do you know that is {colour}?", "I see something {colour}. What can it be?", "Find something {colour} for me.",
                "Please name a thing that is {colour}.",
            ],
            Answers = ["{thing} is {colour}.", "Something {colour} is {thing}.", "It could be {thing}. {thing} is {colour}."],
        },
        new()
        {
            Name = "use", Label = "thing", Weight = 18, Subject = "{tool}", Brief = "to {use}",
            Facts = random => ToolSlots(random.Pick(Things.Tools)),
            Prompts =
            [
                "What is {a:tool} used for?", "What is {a:tool} for?", "What [can|do] I do with {a:tool}?", "Why do people need {a:tool}?", "Why do I need {a:tool}?",
                "How do people use {a:tool}?", "What do people do with {a:tool}?", "What is the use of {a:tool}?", "I found {a:tool}. What is it for?",
                "Tell me what {a:tool} is for.", "[Can|Could] you tell me what {a:tool} is used for?", "When do I need {a:tool}?",
                "Do you know what {a:tool} is for?", "What does {a:tool} help with?",
            ],
            Answers =
            [
                "{a:tool} is used to {use}.", "You can use {a:tool} to {use}.", "People use {a:tool} to {use}.", "With {a:tool} you can {use}. It is [very|quite] useful.",
            ],
        },
        new()
        {
            Name = "need", Label = "thing", Weight = 12, Subject = "{tool}", Brief = "{a:tool}",
            Facts = random => ToolSlots(random.Pick(Things.Tools)),
            Prompts =
            [
                "What do I need to {mine}?", "What can I use to {mine}?", "Which thing helps me to {mine}?", "I want to {mine}. What do I need?",
                "I have to {mine}. What should I take?", "Which tool do I need to {mine}?", "With what can I {mine}?", "What helps me to {mine}?",
                "How can I {mine}?", "What should I use to {mine}?", "Tell me what I need to {mine}.", "I would like to {mine}. What helps?",
                "[Can|Could] you tell me what I need to {mine}?", "What thing is used to {mine}?",
            ],
            Answers = ["You need {a:tool} to {use}.", "You can use {a:tool}.", "Take {a:tool}. It helps you to {use}.", "{a:tool} is the right thing for that."],
        },
        new()
        {
            Name = "material", Label = "thing", Weight = 10, Subject = "{made}", Brief = "{material}",
            Facts = MadeSlots,
            Prompts =
            [
                "What kind of material is in {a:made}?",
                "What is {a:made} made of?", "What is {a:made} usually made of?", "Which material is {a:made} made of?", "What do people use to make {a:made}?",
                "Tell me what {a:made} is made of.", "Do you know what {a:made} is made of?", "What do I need to make {a:made}?",
                "From which material do people make {a:made}?", "[Can|Could] you tell me what {a:made} is made of?", "What is the material of {a:made}?",
                "I want to make {a:made}. Which material should I take?", "Please tell me the material of {a:made}.", "Of what is {a:made} made?",
            ],
            Answers = ["{a:made} is made of {material}.", "People make {a:made} from {material}.", "It is made of {material}.", "You need {material} to make {a:made}."],
        },
        new()
        {
            Name = "kind-yes", Label = "thing", Weight = 10, Subject = "{member}", Brief = "yes",
            Facts = KindYes,
            Prompts = Kind,
            Answers = ["Yes, {a:member} is {a:category}.", "Yes, that is right. {a:member} is {a:category}.", "Yes, it is {a:category}."],
        },
        new()
        {
            Name = "kind-no", Label = "thing", Weight = 10, Subject = "{member}", Brief = "no",
            Facts = KindNo,
            Prompts = Kind,
            Answers =
            [
                "No, {a:member} is not {a:category}. It is {a:real}.", "No, {a:member} is {a:real}.", "No, that is not right. {a:member} is {a:real}.",
            ],
        },
    ];

    private static IReadOnlyList<string> Kind =>
    [
        "Is {a:member} {a:category}?", "Would you say {a:member} is {a:category}?", "Is it true that {a:member} is {a:category}?",
        "I think {a:member} is {a:category}. Am I right?", "{a:member} is {a:category}, right?", "Do you think {a:member} is {a:category}?",
        "My friend says {a:member} is {a:category}. Is that [true|right]?", "Tell me if {a:member} is {a:category}.",
        "Does {a:member} belong to the {categories}?", "Can I call {a:member} {a:category}?", "Do you know if {a:member} is {a:category}?",
        "Could {a:member} be {a:category}?", "Please tell me if {a:member} is {a:category}.", "Is {a:member} one of the {categories}?",
    ];

    private static Dictionary<string, string> Colour(SeededRandom random) => ColourSlots(random.Pick(Things.Coloured));

    private static Dictionary<string, string> ColourSlots(Coloured thing) =>
        new() { ["thing"] = thing.Phrase, ["noun"] = thing.Noun, ["colour"] = thing.Colour };

    private static Dictionary<string, string> WrongColour(SeededRandom random)
    {
        var thing = random.Pick(Things.Coloured);
        var slots = ColourSlots(thing);
        slots["wrong"] = random.Pick(Things.Colours.Where(colour => colour != thing.Colour && colour != "golden").ToList());
        return slots;
    }

    // "To rest your head" is what the assistant says; the user says "to rest my head".
    private static Dictionary<string, string> ToolSlots(Tool tool) =>
        new() { ["tool"] = tool.Name, ["use"] = tool.Use, ["mine"] = tool.Use.Replace("your", "my", StringComparison.Ordinal) };

    private static Dictionary<string, string> MadeSlots(SeededRandom random)
    {
        var thing = random.Pick(Things.Made);
        return new() { ["made"] = thing.Name, ["material"] = thing.Material };
    }

    private static Dictionary<string, string> KindYes(SeededRandom random)
    {
        var category = random.Pick(Categories.Nouns);
        return new() { ["member"] = random.Pick(category.Members), ["category"] = category.Singular, ["categories"] = category.Plural };
    }

    private static Dictionary<string, string> KindNo(SeededRandom random)
    {
        var real = random.Pick(Categories.Nouns);
        var member = random.Pick(real.Members);
        var other = random.Pick(Categories.Nouns.Where(category => category.Subject != real.Subject && !category.Members.Contains(member)).ToList());
        return new() { ["member"] = member, ["category"] = other.Singular, ["categories"] = other.Plural, ["real"] = real.Singular };
    }
}
