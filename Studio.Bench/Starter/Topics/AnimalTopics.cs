using Studio.Bench.Starter.World;

namespace Studio.Bench.Starter.Topics;

/// <summary>Sounds, homes, food, legs and skills of animals.</summary>
public static class AnimalTopics
{
    private static readonly IReadOnlyList<Topic> AboutIt =
    [
        new()
        {
            Name = "animal-food-next", Label = "animal", Subject = "{animal}", Brief = "{food}",
            Prompts = ["[And what|What] does it eat?", "What does [this|that] animal eat?", "[And|] what is its food?"],
            Answers = ["It eats {food}.", "{a:animal} eats {food}.", "It likes to eat {food}."],
        },
        new()
        {
            Name = "animal-home-next", Label = "animal", Subject = "{animal}", Brief = "{home}",
            Prompts = ["[And where|Where] does it live?", "Where is its home?", "Where can I see [one|it]?"],
            Answers = ["It lives {home}.", "{a:animal} lives {home}.", "You can see it {home}."],
        },
        new()
        {
            Name = "animal-skill-next", Label = "animal", Subject = "{animal}", Brief = "{skill}",
            Prompts = ["[And what|What] can it do?", "What is it good at?", "[And|] what is special about it?"],
            Answers = ["It can {skill}.", "{a:animal} can {skill}.", "It can {skill}. That is [great|special]."],
        },
    ];

    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "animal-sound", Label = "animal", Weight = 16, Subject = "{animal}", Brief = "{sound}",
            Facts = random => Animals.Slots(random.Pick(Animals.WithSound)),
            FollowUps = AboutIt,
            Prompts =
            [
                "What sound does {a:animal} make?", "What [sound|noise] do {animals} make?", "What does {a:animal} say?", "What do {animals} say?",
                "Which [sound|noise] does {a:animal} make?", "Tell me the sound of {a:animal}.", "Do you know what [sound|noise] {a:animal} makes?",
                "[Can|Could] you tell me what {animals} say?", "I want to know what {a:animal} says.", "[Please make|Make] the sound of {a:animal}.",
                "How does {a:animal} sound?", "My child asks what {a:animal} says.", "What is the sound of {a:animal}?",
            ],
            Answers =
            [
                "{a:animal} says {sound}.", "{animals} {sound}.", "The sound of {a:animal} is {sound}.", "{a:animal} says {sound}. It is {a:kind}.",
                "{animals} {sound}. You can hear them {home}.",
            ],
        },
        new()
        {
            Name = "animal-home", Label = "animal", Weight = 14, Subject = "{animal}", Brief = "{home}",
            Facts = random => Animals.Slots(random.Pick(Animals.All)),
            FollowUps = [AboutIt[0], AboutIt[2]],
            Prompts =
            [
                "Where does {a:animal} live?", "Where do {animals} live?", "What is the home of {a:animal}?", "Where is the home of {a:animal}?",
                "Where can I [find|see|meet] {a:animal}?", "Do you know where {animals} live?", "[Please tell|Tell] me where {a:animal} lives.",
                "I am looking for {a:animal}. Where should I look?", "Where do {animals} [sleep|feel at home]?", "In which place do {animals} live?",
                "[Can|Could] you tell me where {animals} live?",
            ],
            Answers =
            [
                "{a:animal} lives {home}.", "{animals} live {home}.", "You can find {a:animal} {home}.", "{animals} live {home}. They eat {food}.",
            ],
        },
        new()
        {
            Name = "animal-food", Label = "animal", Weight = 14, Subject = "{animal}", Brief = "{food}",
            Facts = random => Animals.Slots(random.Pick(Animals.All)),
            FollowUps = [AboutIt[1], AboutIt[2]],
            Prompts =
            [
                "What does {a:animal} eat?", "What do {animals} eat?", "What do {animals} like to eat?", "What is the food of {a:animal}?",
                "What should I give {a:animal} to eat?", "What [can|do] I feed {a:animal}?", "Do you know what {animals} eat?",
                "[Please tell|Tell] me what {a:animal} eats.", "Which food do {animals} [like|need]?", "What does {a:animal} need for lunch?",
                "I saw {a:animal} today. What does it eat?", "[Can|Could] you tell me what {animals} eat?", "How can I feed {a:animal}?",
            ],
            Answers =
            [
                "{a:animal} eats {food}.", "{animals} eat {food}.", "{animals} like to eat {food}.", "{a:animal} eats {food}. It lives {home}.",
            ],
        },
        new()
        {
            Name = "animal-about", Label = "animal", Weight = 14, Subject = "{animal}", Brief = "{a:kind}",
            Facts = random => Animals.Slots(random.Pick(Animals.All)),
            FollowUps = AboutIt,
            Prompts =
            [
                "What is {a:animal}?", "Tell me [something|a little] about {animals}.", "Tell me about {a:animal}.", "What do you know about {animals}?",
                "What kind of animal is {a:animal}?", "[Can|Could] you [describe|explain] {a:animal}?", "Describe {a:animal}[| for me].",
                "I want to learn about {animals}.", "Please tell me about {animals}.", "What are {animals}?", "Do you know [any|some] facts about {animals}?",
                "Give me a fact about {animals}.", "Write two sentences about {animals}.",
            ],
            Answers =
            [
                "{a:animal} is {a:kind}. It lives {home} and eats {food}.", "{a:animal} is {a:kind}. It can {skill}.",
                "{animals} live {home}. They eat {food} and they can {skill}.", "{a:animal} is {a:kind} with {legs} legs. It can {skill}.",
            ],
        },
        new()
        {
            Name = "animal-legs", Label = "animal", Weight = 6, Subject = "{animal}", Brief = "{legs} legs",
            Facts = random => Animals.Slots(random.Pick(Animals.All)),
            FollowUps = AboutIt,
            Prompts =
            [
                "How many legs are there on {a:animal}?",
                "How many legs does {a:animal} have?", "How many legs do {animals} have?", "What is the number of legs of {a:animal}?",
                "Do you know how many legs {a:animal} has?", "[Please tell|Tell] me how many legs {animals} have.", "Count the legs of {a:animal}.",
                "I am drawing {a:animal}. How many legs does it need?", "[Can|Could] you count the legs of {a:animal}?",
                "Does {a:animal} have legs? How many?", "How many legs can I see on {a:animal}?", "With how many legs does {a:animal} live?",
                "I want to know how many legs {animals} have.",
            ],
            Answers = ["{a:animal} has {legs} legs.", "{animals} have {legs} legs.", "It has {legs} legs. {a:animal} can {skill}."],
        },
        new()
        {
            Name = "animal-baby", Label = "animal", Weight = 6, Subject = "{animal}", Brief = "{a:baby}",
            Facts = random => Animals.Slots(random.Pick(Animals.WithBaby)),
            FollowUps = AboutIt,
            Prompts =
            [
                "What is a baby {animal} called?", "What do you call a [baby|young] {animal}?", "What is the name for a [baby|young] {animal}?",
                "How do people call a baby {animal}?", "Which word means a [baby|young] {animal}?", "[Please tell|Tell] me the word for a young {animal}.",
                "What is the child of {a:animal} called?", "Do you know the [word|name] for a baby {animal}?", "What is the right word for a baby {animal}?",
                "I saw a very young {animal}. What is it called?", "[Can|Could] you tell me what a baby {animal} is called?",
            ],
            Answers = ["A baby {animal} is called {a:baby}.", "It is called {a:baby}.", "A young {animal} is {a:baby}. It grows up to be {a:animal}."],
        },
        new()
        {
            Name = "animal-can", Label = "animal", Weight = 8, Subject = "{animal}", Brief = "yes",
            Facts = random => Animals.Slots(random.Pick(Animals.All)),
            FollowUps = [AboutIt[0], AboutIt[1]],
            Prompts =
            [
                "Could {a:animal} {skill}?",
                "Can {a:animal} {skill}?", "Can {animals} {skill}?", "Is {a:animal} able to {skill}?", "Are {animals} able to {skill}?",
                "Is it true that {animals} can {skill}?", "Is it true that {a:animal} can {skill}?", "My friend says that {animals} can {skill}. Is that [true|right]?",
                "Do you think {a:animal} can {skill}?", "Tell me if {animals} can {skill}.", "I think {animals} can {skill}. Am I right?",
                "[Please tell|Tell] me if {a:animal} can {skill}.", "Do you know if {animals} can {skill}?",
            ],
            Answers = ["Yes, {a:animal} can {skill}.", "Yes, {animals} can {skill}.", "Yes, that is true. {animals} can {skill}."],
        },
        new()
        {
            Name = "animal-cannot", Label = "animal", Weight = 8, Subject = "{animal}", Brief = "no",
            Facts = random => Animals.Slots(random.Pick(Animals.All)),
            FollowUps = [AboutIt[0], AboutIt[1]],
            Prompts =
            [
                "Could {a:animal} {cannot}?",
                "Can {a:animal} {cannot}?", "Can {animals} {cannot}?", "Is {a:animal} able to {cannot}?", "Are {animals} able to {cannot}?",
                "Is it true that {animals} can {cannot}?", "Is it true that {a:animal} can {cannot}?", "My friend says that {animals} can {cannot}. Is that [true|right]?",
                "Do you think {a:animal} can {cannot}?", "Tell me if {animals} can {cannot}.", "I think {animals} can {cannot}. Am I right?",
                "[Please tell|Tell] me if {a:animal} can {cannot}.", "Do you know if {animals} can {cannot}?",
            ],
            Answers =
            [
                "No, {a:animal} cannot {cannot}.", "No, {animals} cannot {cannot}.", "No, {a:animal} cannot {cannot}, but it can {skill}.",
                "No, {animals} cannot {cannot}. They can {skill}.",
            ],
        },
        new()
        {
            Name = "animal-who", Label = "animal", Weight = 8, Subject = "animal", Brief = "{a:animal}",
            Facts = random => Animals.Slots(random.Pick(Animals.WithSound.Where(animal => animal.Sound is not ("bark" or "roar")).ToList())),
            FollowUps = AboutIt,
            Prompts =
            [
                "Which animal goes {sound}?",
                "Which animal says {sound}?", "What animal says {sound}?", "[Who|Which animal] makes the sound {sound}?", "I hear {sound}. Which animal is it?",
                "I hear {sound}. Who is there?", "Guess the animal: it says {sound}.", "Which animal do I hear when I hear {sound}?",
                "Do you know which animal says {sound}?", "Something says {sound} in the dark. What is it?", "What animal makes the sound {sound}?",
                "[Please tell|Tell] me which animal says {sound}.", "Which animal can {sound}?",
            ],
            Answers = ["{a:animal} says {sound}.", "That is {a:animal}.", "It is {a:animal}. {animals} {sound}.", "That is {a:animal}. It lives {home}."],
        },
        new()
        {
            Name = "animal-bigger", Label = "animal", Weight = 10, Subject = "size", Brief = "the {big}",
            Facts = Compare,
            Prompts =
            [
                "Which is bigger, {a:left} or {a:right}?", "Which animal is bigger, {a:left} or {a:right}?", "Who is bigger, {a:left} or {a:right}?",
                "What is [bigger|larger], {a:left} or {a:right}?", "Is {a:left} bigger than {a:right}, or is {a:right} bigger?",
                "[Compare|Please compare] {a:left} and {a:right}. Which is bigger?", "Tell me which is bigger: {a:left} or {a:right}.",
                "I have {a:left} and {a:right} in my book. Which one is bigger?", "Do you know which is bigger, {a:left} or {a:right}?",
                "Which one is [bigger|larger]: {a:left} or {a:right}?", "My friend asks if {a:left} or {a:right} is bigger.",
                "[Can|Could] you tell me which is bigger, {a:left} or {a:right}?",
            ],
            Answers =
            [
                "{a:big} is bigger than {a:little}.", "The {big} is bigger. The {little} is smaller.", "{a:big} is bigger.",
                "{a:big} is bigger than {a:little}. {a:little} is small next to it.",
            ],
        },
    ];

    private static Dictionary<string, string> Compare(SeededRandom random)
    {
        var first = random.Pick(Animals.All);
        var second = random.Pick(Animals.All.Where(animal => animal.Size != first.Size).ToList());
        var (big, little) = first.Size > second.Size ? (first, second) : (second, first);
        return new() { ["left"] = first.Name, ["right"] = second.Name, ["big"] = big.Name, ["little"] = little.Name };
    }
}
