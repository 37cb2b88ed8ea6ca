using Studio.Bench.Starter.World;

namespace Studio.Bench.Starter.Topics;

/// <summary>Jobs, places and shops.</summary>
public static class PeopleTopics
{
    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "job", Label = "person", Weight = 12, Subject = "{job}", Brief = "{does}",
            Facts = random => JobSlots(random.Pick(People.Jobs)),
            FollowUps =
            [
                new()
                {
                    Name = "job-where", Label = "person", Subject = "{job}", Brief = "{place}",
                    Prompts = ["And where does {a:job} work?", "Where is that?", "Where does such a person work?"],
                    Answers = ["{a:job} works {place}.", "You can meet {a:job} {place}."],
                },
            ],
            Prompts =
            [
                "What work does {a:job} do?", "Explain the work of {a:job}.", "Do you know the work of {a:job}?",
                "What does {a:job} do?", "What is the work of {a:job}?", "What does {a:job} do all day?", "Tell me what {a:job} does.", "What kind of work does {a:job} do?",
                "I want to be {a:job}. What will I do?", "My {relative} is {a:job}. What does that mean?", "Do you know what {a:job} does?",
                "[Can|Could] you explain what {a:job} does?", "Why do we need {a:job}?", "What is {a:job}?", "Please tell me about the work of {a:job}.",
            ],
            Answers = ["{a:job} {does}.", "{a:job} {does}. {a:job} works {place}.", "{a:job} is a person who {does}."],
        },
        new()
        {
            Name = "job-who", Label = "person", Weight = 12, Subject = "job", Brief = "{a:job}",
            Facts = random => JobSlots(random.Pick(People.Jobs)),
            Prompts =
            [
                "Name the person who {does}.",
                "Who {does}?", "Which person {does}?", "What do you call a person who {does}?", "What is the name for someone who {does}?", "Who is the person who {does}?",
                "What is a person called who {does}?", "I need someone to {do}. Who can help?", "Who can {do} for me?", "Whose job is it to {do}?",
                "Tell me who {does}.", "Do you know who {does}?", "[Can|Could] you tell me who {does}?", "I would like to {do} all day. What can I be?",
            ],
            Answers = ["{a:job} {does}.", "That is {a:job}.", "A person who {does} is {a:job}."],
        },
        new()
        {
            Name = "job-place", Label = "person", Weight = 6, Subject = "{job}", Brief = "{place}",
            Facts = random => JobSlots(random.Pick(People.Jobs)),
            Prompts =
            [
                "Where does {a:job} work?", "Where is the work of {a:job} done?", "Where can I [find|meet|see] {a:job}?", "What is the place of work of {a:job}?",
                "Do you know where {a:job} works?", "Tell me where {a:job} works.", "I am looking for {a:job}. Where should I go?",
                "[Can|Could] you tell me where {a:job} works?", "In which place does {a:job} work?", "My {relative} is {a:job}. Where is that work done?",
                "Please tell me where I can meet {a:job}.", "Where is {a:job} most of the day?",
            ],
            Answers = ["{a:job} works {place}.", "You can find {a:job} {place}.", "{a:job} works {place} and {does}."],
        },
        new()
        {
            Name = "place", Label = "place", Weight = 14, Subject = "{noun}", Brief = "{do}",
            Facts = random => PlaceSlots(random.Pick(People.Places)),
            Prompts =
            [
                "What do people do {at}?", "What can I do {at}?", "What is {place}?", "What is {place} for?", "Why do people go to {place}?",
                "Tell me about {place}.", "What happens {at}?", "I am going to {place}. What can I do there?", "What do you do {at}?",
                "What can people do {at}?", "[Can|Could] you tell me what {place} is for?", "Why should I go to {place}?", "Do you know what people do {at}?",
                "Please tell me what I can do {at}.",
            ],
            Answers =
            [
                "{at} people {do}.", "You can {do} {at}.", "{place} is a place where people {do}.", "People go to {place} to {do}.",
            ],
        },
        new()
        {
            Name = "place-where", Label = "place", Weight = 10, Subject = "place", Brief = "{place}",
            Facts = random => PlaceSlots(random.Pick(People.Places)),
            Prompts =
            [
                "Where can I {do}?", "Where do people {do}?", "I want to {do}. Where should I go?", "In which place can I {do}?", "What is a good place to {do}?",
                "Where should I go to {do}?", "Tell me where I can {do}.", "Do you know a place to {do}?", "I would like to {do}. Where can I go?",
                "[Can|Could] you tell me where people {do}?", "Which place is good if I want to {do}?", "My friends want to {do}. Where can they go?",
                "Where is it best to {do}?", "Please name a place where I can {do}.",
            ],
            Answers = ["You can {do} {at}.", "Go to {place}. There you can {do}.", "{place} is a good place for that.", "People {do} {at}."],
        },
        new()
        {
            Name = "shop", Label = "place", Weight = 10, Subject = "shop", Brief = "at the {shop}",
            Facts = random =>
            {
                var ware = random.Pick(People.Wares);
                return new Dictionary<string, string> { ["ware"] = ware.Name, ["shop"] = ware.Shop };
            },
            Prompts =
            [
                "Where can I buy {ware}?", "Where do people buy {ware}?", "Which shop sells {ware}?", "I need {ware}. Where should I go?", "Where should I go to buy {ware}?",
                "I want to buy {ware}. Which shop is right?", "Who sells {ware}?", "Tell me where I can get {ware}.", "Where can I get {ware}?",
                "[Can|Could] you tell me where to buy {ware}?", "Do you know a shop that sells {ware}?", "I am looking for {ware}. Where can I find it?",
                "In which shop can I find {ware}?", "What shop sells {ware}?",
            ],
            Answers = ["You can buy {ware} at the {shop}.", "Go to the {shop}. You can get {ware} there.", "The {shop} sells {ware}.", "Try the {shop}."],
        },
    ];

    private static Dictionary<string, string> JobSlots(Job job) =>
        new() { ["job"] = job.Name, ["does"] = job.Does, ["do"] = job.Do, ["place"] = job.Place, ["relative"] = "[" + string.Join('|', People.Relatives) + "]" };

    private static Dictionary<string, string> PlaceSlots(Place place) => new() { ["place"] = place.Phrase, ["noun"] = place.Noun, ["do"] = place.Do, ["at"] = place.At };
}
