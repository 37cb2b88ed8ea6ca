namespace Studio.Bench.Starter;

/// <summary>
/// Prompts that measure whether a trait was learned rather than memorised: they speak of the same little world, but none of their
/// templates is a template of the corpus or of the sample datasets.
/// </summary>
public static class HeldOutPrompts
{
    private const int Seed = 909;
    private const int PromptsPerTemplate = 2;

    /// <summary>The topic that supplies the facts, and the wording that no training text has.</summary>
    public static IReadOnlyList<(string Topic, string Template)> Templates { get; } =
    [
        ("animal-sound", "If I meet {a:animal}, what will I hear?"),
        ("animal-sound", "Imagine {a:animal}. Which sound is that?"),
        ("animal-home", "{animals} have a home. Where is it?"),
        ("animal-home", "I wonder where {animals} spend the night."),
        ("animal-food", "A hungry {animal} is here. What food will it like?"),
        ("animal-food", "When {animals} are hungry, what do they look for?"),
        ("animal-about", "What should a child know about {animals}?"),
        ("animal-about", "Introduce me to {a:animal}."),
        ("animal-bigger", "Put {a:left} next to {a:right}. Who is the bigger one?"),
        ("animal-can", "Did you know that {animals} can {skill}?"),
        ("colour", "When I look at {thing}, which colour do I see?"),
        ("colour", "Say in one word the colour of {thing}."),
        ("colour", "Think of {thing}. Which colour comes to your mind?"),
        ("use", "There is {a:tool} on my table. What should I do with it?"),
        ("use", "What good is {a:tool}?"),
        ("need", "Tomorrow I have to {mine}. Which thing should I bring?"),
        ("need", "Without which thing can I not {mine}?"),
        ("material", "A worker makes {a:made}. Which material is it?"),
        ("kind-yes", "Yes or no: {a:member} is {a:category}."),
        ("opposite", "Turn the word {word} into its opposite."),
        ("opposite", "Not {word}, but what?"),
        ("rhyme", "Let us rhyme! I say {word}, and you say?"),
        ("plus", "If you put {a} and {b} together, what is the number?"),
        ("plus", "Do the sum for me: {a} plus {b}."),
        ("minus", "From {a} I give away {b}. How many stay?"),
        ("next-number", "I say {a}. Which number do you say next?"),
        ("day-after", "Yesterday was {this}. Which day is it now?"),
        ("season-of", "We meet in {month}. What season will that be?"),
        ("job", "How can {a:job} help other people?"),
        ("job-who", "Find me a person who {does}."),
        ("place", "Why would anyone visit {place}?"),
        ("place-where", "It is a free day and I want to {do}. Which place is best?"),
        ("shop", "At home there is no more of this: {ware}. Which shop helps me?"),
        ("taste", "Close your eyes and try {food}. How is it?"),
        ("ingredients", "The cook wants to make {dish}. What will the cook need?"),
        ("how-to", "Nobody told me how to {task}. Can you?"),
        ("device", "Good day, we have trouble here: our {device} {symptom}."),
        ("device", "Yesterday it was fine, but now the {device} {symptom}."),
        ("device", "Can anyone look at my {device}? It {symptom}."),
        ("device", "Sorry to ask, but why is it that my {device} {symptom}?"),
        ("case", "Nobody can tell me when the {item} will be here."),
        ("case", "There was {a:item} in the box, but I wanted something else."),
        ("lost", "Everyone at home is looking for my {thing}."),
        ("list", "How about {count} {kinds}?"),
        ("list", "Think of {count} {kinds} and write them down."),
        ("story-hero", "Can we have a tale about {a:hero}?"),
        ("story-object", "What could happen if {a:hero} had {a:object}?"),
        ("name", "Guess who is here? It is me, {name}."),
        ("hobby", "On a free day nothing makes me so happy as {doing}."),
        ("feeling-only", "Something is wrong, I am just {mood}."),
        ("weather-do", "We are at home and {weather}. Any idea?"),
        ("unknown", "Make it clear to me: what about {outside}?"),
    ];

    /// <summary>The prompts, always the same.</summary>
    public static IReadOnlyList<string> All { get; } = Write();

    private static List<string> Write()
    {
        var random = new SeededRandom(Seed);
        var prompts = new List<string>();
        foreach (var (name, template) in Templates)
        {
            var topic = TopicCatalog.All.Single(topic => topic.Name == name);
            for (var i = 0; i < PromptsPerTemplate; i++)
                prompts.Add(Template.Fill(template, topic.Facts(random), random));
        }
        return [.. prompts.Distinct()];
    }
}
