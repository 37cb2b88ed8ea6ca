namespace Studio.Bench.Starter.World;

/// <summary>What the world knows about an animal. <c>Size</c> is a rank from 1 (ant) to 9 (whale); animals that share a rank are never compared.</summary>
public sealed record Animal(
    string Name, string Plural, string? Sound, string Home, string Food, string Kind, int Legs, int Size, string? Baby, string Skill, string Cannot);

/// <summary>The animals and their facts.</summary>
public static class Animals
{
    public const string Pet = "pet";
    public const string Farm = "farm animal";
    public const string Wild = "wild animal";
    public const string Sea = "sea animal";
    public const string Bird = "bird";
    public const string Insect = "insect";
    public const string Small = "small animal";

    public static IReadOnlyList<Animal> All { get; } =
    [
        new("cat", "cats", "meow", "in a house", "fish", Pet, 4, 3, "kitten", "climb trees", "fly"),
        new("dog", "dogs", "bark", "in a house", "meat", Pet, 4, 4, "puppy", "run fast", "climb trees"),
        new("rabbit", "rabbits", null, "in a burrow", "carrots", Pet, 4, 3, null, "jump high", "fly"),
        new("hamster", "hamsters", null, "in a cage", "seeds", Pet, 4, 2, null, "run in a wheel", "fly"),
        new("parrot", "parrots", "squawk", "in a warm forest", "seeds", Bird, 2, 3, null, "learn words", "swim"),
        new("cow", "cows", "moo", "on a farm", "grass", Farm, 4, 7, "calf", "give milk", "fly"),
        new("horse", "horses", "neigh", "on a farm", "hay", Farm, 4, 7, "foal", "run fast", "fly"),
        new("sheep", "sheep", "baa", "on a farm", "grass", Farm, 4, 5, "lamb", "give wool", "climb trees"),
        new("goat", "goats", "bleat", "on a farm", "leaves", Farm, 4, 5, "kid", "climb rocks", "fly"),
        new("pig", "pigs", "oink", "on a farm", "corn", Farm, 4, 5, "piglet", "roll in mud", "fly"),
        new("donkey", "donkeys", "hee-haw", "on a farm", "hay", Farm, 4, 6, "foal", "carry heavy bags", "fly"),
        new("chicken", "chickens", "cluck", "on a farm", "corn", Farm, 2, 3, "chick", "lay eggs", "swim"),
        new("duck", "ducks", "quack", "near a pond", "bread and grass", Bird, 2, 3, "duckling", "swim and fly", "climb trees"),
        new("owl", "owls", "hoot", "in an old tree", "mice", Bird, 2, 3, "chick", "see in the dark", "swim"),
        new("eagle", "eagles", null, "in the mountains", "fish", Bird, 2, 4, "chick", "fly very high", "swim"),
        new("crow", "crows", "caw", "in a tall tree", "seeds", Bird, 2, 3, "chick", "open nuts", "swim"),
        new("penguin", "penguins", null, "on the cold ice", "fish", Bird, 2, 4, "chick", "swim very well", "fly"),
        new("mouse", "mice", "squeak", "in a small hole", "cheese", Wild, 4, 2, null, "hide in small places", "fly"),
        new("lion", "lions", "roar", "in the grassland", "meat", Wild, 4, 6, "cub", "run fast", "fly"),
        new("tiger", "tigers", "roar", "in the jungle", "meat", Wild, 4, 6, "cub", "swim well", "fly"),
        new("bear", "bears", "growl", "in the forest", "honey and fish", Wild, 4, 6, "cub", "climb trees", "fly"),
        new("wolf", "wolves", "howl", "in the forest", "meat", Wild, 4, 5, "cub", "run for a long time", "climb trees"),
        new("fox", "foxes", null, "in the forest", "mice", Wild, 4, 4, "cub", "hide very well", "fly"),
        new("deer", "deer", null, "in the forest", "leaves", Wild, 4, 6, "fawn", "jump far", "climb trees"),
        new("squirrel", "squirrels", null, "in a tree", "nuts", Wild, 4, 2, null, "jump from tree to tree", "fly"),
        new("hedgehog", "hedgehogs", null, "in the garden", "worms", Wild, 4, 2, null, "roll into a ball", "fly"),
        new("monkey", "monkeys", null, "in the jungle", "bananas", Wild, 4, 4, null, "swing from tree to tree", "fly"),
        new("elephant", "elephants", "toot", "in the grassland", "leaves and grass", Wild, 4, 8, "calf", "carry big trees", "jump"),
        new("giraffe", "giraffes", null, "in the grassland", "leaves", Wild, 4, 8, "calf", "reach tall trees", "fly"),
        new("zebra", "zebras", null, "in the grassland", "grass", Wild, 4, 7, "foal", "run fast", "climb trees"),
        new("camel", "camels", null, "in the desert", "dry grass", Wild, 4, 7, "calf", "live without much water", "fly"),
        new("kangaroo", "kangaroos", null, "in the grassland", "grass", Wild, 2, 6, "joey", "jump very far", "fly"),
        new("snake", "snakes", "hiss", "in the grass", "mice", Wild, 0, 3, null, "move without legs", "walk"),
        new("frog", "frogs", "croak", "near a pond", "flies", Wild, 4, 2, "tadpole", "jump far", "fly"),
        new("turtle", "turtles", null, "near the water", "plants", Wild, 4, 3, null, "hide in its shell", "run fast"),
        new("fish", "fish", null, "in the water", "small plants", Sea, 0, 2, null, "swim", "walk"),
        new("whale", "whales", null, "in the sea", "very small fish", Sea, 0, 9, "calf", "swim very far", "walk"),
        new("dolphin", "dolphins", "click", "in the sea", "fish", Sea, 0, 6, "calf", "jump out of the water", "walk"),
        new("shark", "sharks", null, "in the sea", "fish", Sea, 0, 7, null, "swim fast", "walk"),
        new("seal", "seals", "bark", "on the beach", "fish", Sea, 0, 5, "pup", "swim and dive", "fly"),
        new("crab", "crabs", null, "on the beach", "small fish", Sea, 10, 2, null, "walk to the side", "fly"),
        new("octopus", "octopuses", null, "in the sea", "crabs", Sea, 8, 4, null, "hide in small holes", "fly"),
        new("bee", "bees", "buzz", "in a hive", "the sweet juice of flowers", Insect, 6, 1, null, "make honey", "sing"),
        new("ant", "ants", null, "in the ground", "small bits of food", Insect, 6, 1, null, "carry heavy leaves", "sing"),
        new("butterfly", "butterflies", null, "in the garden", "the sweet juice of flowers", Insect, 6, 1, "caterpillar", "fly from flower to flower", "sing"),
        new("spider", "spiders", null, "in a web", "flies", Small, 8, 1, null, "make a web", "fly"),
    ];

    public static IReadOnlyList<Animal> WithSound { get; } = [.. All.Where(animal => animal.Sound is not null)];

    public static IReadOnlyList<Animal> WithBaby { get; } = [.. All.Where(animal => animal.Baby is not null)];

    /// <summary>Animals that can be the hero of a tiny story and have a voice and a home that fit one.</summary>
    public static IReadOnlyList<Animal> Heroes { get; } = [.. All.Where(animal => animal.Legs is 2 or 4 && animal.Kind != Sea)];

    /// <summary>The slots of one animal.</summary>
    public static Dictionary<string, string> Slots(Animal animal) => new()
    {
        ["animal"] = animal.Name,
        ["animals"] = animal.Plural,
        ["sound"] = animal.Sound ?? "",
        ["home"] = animal.Home,
        ["food"] = animal.Food,
        ["kind"] = animal.Kind,
        ["legs"] = animal.Legs == 0 ? "no" : Grammar.NumberWord(animal.Legs),
        ["baby"] = animal.Baby ?? "",
        ["skill"] = animal.Skill,
        ["cannot"] = animal.Cannot,
    };
}
