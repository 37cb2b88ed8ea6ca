using Studio.Bench.Starter.World;

namespace Studio.Bench.Starter.Topics;

/// <summary>Short situations of a help desk: broken devices, orders, accounts.</summary>
public static class HelpTopics
{
    private static readonly IReadOnlyList<Topic> NextSteps =
    [
        new()
        {
            Name = "help-still", Label = "help", Subject = "{device}", Brief = "call a repair shop",
            Prompts = ["It still does not work.", "I did that, but it did not help.", "That did not help.", "I tried that already.", "It is still the same."],
            Answers = ["I am sorry. Then please bring the {device} to a repair shop.", "Then the {device} needs a repair. Please call a repair shop."],
        },
        new()
        {
            Name = "help-works", Label = "help", Subject = "{device}", Brief = "all good",
            Prompts = ["It works again!", "That helped, thank you.", "Great, it works now.", "Now it is fine again."],
            Answers = ["I am glad that the {device} is fine again!", "Great! I am happy that I could help.", "Very good! Enjoy your {device}."],
        },
    ];

    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "device", Label = "help", Weight = 50, Subject = "{device}", Brief = "{fix}",
            Facts = Device,
            FollowUps = NextSteps,
            Prompts =
            [
                "My {device} {symptom}.", "The {device} {symptom}.", "Help, my {device} {symptom}!", "My {device} {symptom}. What can I do?", "The {device} {symptom}. Can you help me?",
                "What should I do if my {device} {symptom}?", "Hello, my {device} {symptom}.", "I need help. My {device} {symptom}.", "Since yesterday my {device} {symptom}.",
                "I have a problem: the {device} {symptom}.", "The {device} in my room {symptom}.", "My new {device} {symptom}.", "Please help me, the {device} {symptom}.",
                "I am not happy, because my {device} {symptom}.", "The {device} {symptom} again.", "How can I fix my {device}? It {symptom}.",
                "My {relative} says that the {device} {symptom}.", "What can I do? The {device} {symptom}.", "Oh no, the {device} {symptom}.", "I think my {device} {symptom}.",
            ],
            Answers =
            [
                "I am sorry about that. {advice}", "Let me help you. {advice}", "{advice}", "I am sorry that your {device} {symptom}. {advice}",
            ],
        },
        new()
        {
            Name = "case", Label = "help", Weight = 36, Subject = "{subject}", Brief = "{fix}",
            Facts = Desk,
            Prompts =
            [
                "{report}", "{report}", "{report} Can you help me?", "Hello. {report}", "{report} What can I do?", "I need help. {report}", "{report} Please help me.",
                "Hi, I have a problem. {report}", "{report} What should I do now?", "I have a question. {report}", "Good day. {report}", "{report} I am not happy.",
                "Can you help me? {report}", "{report} Is there a way to solve this?", "Excuse me. {report}", "{report} What now?", "Sorry, a short question. {report}",
            ],
            Answers = ["{opening} {advice}", "{opening} {advice}", "Thank you for telling me. {advice}", "{advice}", "I can help with that. {advice}"],
        },
        new()
        {
            Name = "lost", Label = "help", Weight = 10, Subject = "{thing}", Brief = "look {spot}",
            Facts = random =>
            {
                var (thing, spot) = random.Pick<(string, string)>(
                    [("key", "in your coat"), ("phone", "under the pillow"), ("ring", "near the sink"), ("book", "on the shelf"), ("umbrella", "behind the door"), ("bag", "in the hall"), ("hat", "in the wardrobe"), ("pen", "under the desk"), ("scarf", "in your bag"), ("watch", "in the bathroom"), ("ticket", "in your book"), ("glove", "in your coat")]);
                return new Dictionary<string, string> { ["thing"] = thing, ["spot"] = spot };
            },
            Prompts =
            [
                "I lost my {thing}.", "I cannot find my {thing}.", "Where is my {thing}?", "My {thing} is gone.", "I am looking for my {thing}.", "Have you seen my {thing}?",
                "Help me find my {thing}.", "I need my {thing}, but it is not here.", "I forgot where I put my {thing}.", "My {thing} is lost. What can I do?",
                "Where should I look for my {thing}?", "Did you see my {thing}?", "I have lost my {thing} again.", "Where could my {thing} be?", "Oh no, my {thing} is missing!",
            ],
            Answers = ["Did you look {spot}?", "Please look {spot}. It may be there.", "Maybe your {thing} is {spot}.", "I cannot see your {thing}, but you could look {spot}."],
        },
    ];

    private static Dictionary<string, string> Device(SeededRandom random)
    {
        var fault = random.Pick(Problems.Faults);
        return new()
        {
            ["device"] = random.Pick(fault.Devices), ["symptom"] = random.Pick(fault.Symptoms), ["fix"] = fault.Fix, ["advice"] = fault.Advice,
            ["relative"] = random.Pick(People.Relatives),
        };
    }

    private static Dictionary<string, string> Desk(SeededRandom random)
    {
        var problem = random.Pick(Problems.Cases);
        return new()
        {
            ["subject"] = problem.Subject, ["item"] = random.Pick(Problems.Items), ["report"] = random.Pick(problem.Reports), ["fix"] = problem.Fix, ["advice"] = problem.Advice,
            ["opening"] = problem.IsWish ? "Of course." : "I am sorry about that.",
        };
    }
}
