using Studio.Bench.Starter.World;

namespace Studio.Bench.Starter.Topics;

/// <summary>The user tells their name, hobby, pet or favourite colour; the assistant remembers.</summary>
public static class HobbyTopics
{
    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "name", Label = "greeting", Weight = 22, Remembered = true, Subject = "name", Brief = "hello, {name}",
            Facts = random => new Dictionary<string, string> { ["name"] = random.Pick(Names.All) },
            Prompts =
            [
                "My name is {name}.", "I am {name}.", "Hello, my name is {name}.", "Hi, I am {name}.", "Hello! I am {name}. Who are you?", "You can call me {name}.",
                "People call me {name}.", "Please call me {name}.", "Hi, {name} here.", "My friends call me {name}.", "Hey, my name is {name}. Nice to meet you.",
                "It is {name} here. How are you?", "I would like you to know my name. It is {name}.", "Good day, I am {name}.", "Hello, this is {name}.",
            ],
            Answers =
            [
                "Hello, {name}! It is nice to meet you.", "Nice to meet you, {name}! How can I help you?", "Hi, {name}! What can I do for you?", "{name} is a lovely name. Hello, {name}!",
            ],
            FollowUps =
            [
                new()
                {
                    Name = "name-recall", Label = "greeting", Subject = "name", Brief = "{name}",
                    Prompts =
                    [
                        "What is my name?", "Do you remember my name?", "What did I say my name is?", "Who am I?", "Can you say my name?", "Do you still know my name?",
                        "Which name did I tell you?", "Tell me my name.", "What am I called?",
                    ],
                    Answers = ["Your name is {name}.", "You are {name}.", "I remember that. Your name is {name}.", "Of course, you are {name}."],
                },
                new()
                {
                    Name = "name-greet", Label = "greeting", Subject = "name", Brief = "hello, {name}",
                    Prompts = ["Say hello to me.", "Please greet me.", "Greet me by my name.", "Can you greet me?"],
                    Answers = ["Hello, {name}!", "Hello, {name}! How nice that you are here."],
                },
            ],
        },
        new()
        {
            Name = "hobby", Label = "hobby", Weight = 14, Remembered = true, Subject = "hobby", Brief = "{doing} is fun",
            Facts = random =>
            {
                var hobby = random.Pick(People.Hobbies);
                return new Dictionary<string, string> { ["doing"] = hobby.Doing, ["do"] = hobby.Do, ["comment"] = hobby.Comment };
            },
            Prompts =
            [
                "I like {doing}.", "I love {doing}.", "My hobby is {doing}.", "I like to {do}.", "I love to {do}.", "In my free time I {do}.", "On Sunday I like to {do}.",
                "My favourite hobby is {doing}.", "I often {do} after work.", "{doing} is my hobby.", "What do you think about {doing}?", "Do you like {doing}?",
                "I {do} every weekend.", "I am good at {doing}.", "Nothing is better than {doing}.",
            ],
            Answers = ["{doing} is a great hobby. {comment}", "That sounds fun! {comment}", "How nice! {comment}", "{comment} {doing} is a lovely hobby."],
            FollowUps =
            [
                new()
                {
                    Name = "hobby-recall", Label = "hobby", Subject = "hobby", Brief = "{doing}",
                    Prompts = ["What is my hobby?", "Do you remember what I like?", "What do I like to do?", "Which hobby did I tell you about?", "What did I say I like?"],
                    Answers = ["You like {doing}.", "Your hobby is {doing}.", "You told me about {doing}."],
                },
            ],
        },
        new()
        {
            Name = "pet", Label = "animal", Weight = 12, Remembered = true, Subject = "{pet}", Brief = "a lovely {pet}",
            Facts = random =>
            {
                var pet = random.Pick<string>(["cat", "dog", "rabbit", "hamster", "parrot", "horse", "goat", "duck", "turtle", "mouse"]);
                return new Dictionary<string, string> { ["pet"] = pet, ["name"] = random.Pick(Names.All) };
            },
            Prompts =
            [
                "I have {a:pet}. [Its name|The name] is {name}.", "My {pet} is called {name}.", "I have {a:pet} called {name}.", "This is my {pet}, {name}.",
                "We have {a:pet} at home. It is called {name}.", "My {pet} {name} is very funny.", "I got {a:pet} and called it {name}.",
                "{name} is my {pet}.", "Do you want to meet my {pet} {name}?", "I live with {a:pet} called {name}.", "My little {pet} is called {name}.",
                "I love my {pet} {name}.", "At home I have {a:pet}. We call it {name}.", "My best friend is {a:pet} called {name}.",
            ],
            Answers =
            [
                "{name} is a lovely name for {a:pet}.", "How nice! I am sure {name} is a lovely {pet}.", "Please say hello to {name} from me.",
                "It must be nice to have {a:pet} like {name}.",
            ],
            FollowUps =
            [
                new()
                {
                    Name = "pet-recall", Label = "animal", Subject = "{pet}", Brief = "{name}",
                    Prompts = ["What is my {pet} called?", "What is the name of my {pet}?", "Do you remember the name of my {pet}?", "Who is {name}?", "Which pet do I have?"],
                    Answers = ["Your {pet} is called {name}.", "{name} is your {pet}.", "You have {a:pet} called {name}."],
                },
            ],
        },
        new()
        {
            Name = "my-colour", Label = "colour", Weight = 8, Remembered = true, Subject = "colour", Brief = "{colour} is nice",
            Facts = random => new Dictionary<string, string>
            {
                ["colour"] = random.Pick(Things.Colours), ["object"] = random.Pick(Things.Treasures),
            },
            Prompts =
            [
                "My favourite colour is {colour}.", "I like {colour}.", "I love the colour {colour}.", "{colour} is my favourite colour.", "The colour I like best is {colour}.",
                "I have {a:colour} {object}.", "I bought {a:colour} {object}.", "My {object} is {colour}.", "I want {a:colour} {object}.",
                "I got {a:colour} {object} from my friend.", "I painted my {object}. It is {colour} now.", "I think {colour} is the best colour.",
                "My room is {colour}.", "I only wear {colour} clothes.", "For me {colour} is a happy colour.",
            ],
            Answers = ["{colour} is a nice colour.", "I like {colour} too.", "{colour} is a lovely colour. Good choice!", "How nice! {colour} looks great."],
            FollowUps =
            [
                new()
                {
                    Name = "colour-recall", Label = "colour", Subject = "colour", Brief = "{colour}",
                    Prompts = ["Which colour did I name?", "What colour did I tell you about?", "Do you remember the colour?", "Which colour was it?"],
                    Answers = ["It was {colour}.", "You said {colour}.", "The colour was {colour}."],
                },
            ],
        },
        new()
        {
            Name = "gift", Label = "help", Weight = 10, Subject = "gift", Brief = "{a:gift}",
            Facts = random =>
            {
                var (doing, gift) = random.Pick<(string, string)>(
                    [("drawing", "set of pencils"), ("reading", "good book"), ("cooking", "new pan"), ("gardening", "bag of seeds"), ("music", "small drum"), ("hiking", "warm hat"), ("baking", "cake pan"), ("football", "new ball"), ("painting", "box of colours"), ("camping", "bright torch"), ("fishing", "fishing net"), ("knitting", "ball of wool"), ("puzzles", "big puzzle"), ("swimming", "soft towel")]);
                return new Dictionary<string, string> { ["doing"] = doing, ["gift"] = gift, ["relative"] = random.Pick(People.Relatives) };
            },
            Prompts =
            [
                "I want to buy a gift for my {relative}, who likes {doing}.", "Name a gift for a person who loves {doing}.",
                "What can I give my {relative}? My {relative} likes {doing}.", "I need a gift for my {relative}, who likes {doing}.",
                "My {relative} likes {doing}. What is a good gift?", "Give me a gift idea for someone who likes {doing}.", "What is a good gift for a person who likes {doing}?",
                "My {relative} has a birthday and loves {doing}. What can I buy?", "I am looking for a gift. My {relative} loves {doing}.",
                "Which gift is right for my {relative}? The hobby is {doing}.", "Help me find a gift for my {relative}, who loves {doing}.",
                "What should I buy for my {relative}, who likes {doing}?", "Do you have a gift idea? My {relative} likes {doing}.",
                "[Can|Could] you think of a gift for my {relative}, who loves {doing}?",
            ],
            Answers =
            [
                "How about {a:gift}? That is nice for someone who likes {doing}.", "You could give {a:gift}.", "{a:gift} would be a good gift for your {relative}.",
                "I think your {relative} would like {a:gift}.",
            ],
        },
    ];
}
