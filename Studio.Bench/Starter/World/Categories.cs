namespace Studio.Bench.Starter.World;

/// <summary>A kind of thing and its members; the first members are the best-known ones. <c>Adverbial</c> fits "animals ...".</summary>
public sealed record Category(string Singular, string Plural, string Subject, IReadOnlyList<string> Members);

/// <summary>Kinds of things that can be listed. Members of one category are never members of another that is asked about.</summary>
public static class Categories
{
    public static IReadOnlyList<Category> Nouns { get; } =
    [
        new("fruit", "fruits", "fruits", ["apple", "banana", "orange", "pear", "cherry", "plum", "lemon", "strawberry", "grape", "peach", "melon", "kiwi"]),
        new("vegetable", "vegetables", "vegetables", ["carrot", "potato", "onion", "cucumber", "cabbage", "pea", "bean", "pumpkin", "radish", "leek"]),
        new("tool", "tools", "tools", ["hammer", "saw", "spade", "ladder", "brush", "broom", "rope", "knife"]),
        new("piece of furniture", "pieces of furniture", "furniture", ["table", "chair", "bed", "sofa", "desk", "shelf", "wardrobe"]),
        new("room", "rooms", "rooms", ["kitchen", "bedroom", "bathroom", "hall", "cellar", "attic"]),
        new("toy", "toys", "toys", ["ball", "doll", "kite", "puzzle", "whistle", "teddy bear", "balloon"]),
        new("musical instrument", "musical instruments", "music", ["drum", "flute", "piano", "guitar", "violin", "trumpet", "harp"]),
        new("flower", "flowers", "flowers", ["rose", "tulip", "daisy", "lily", "sunflower", "violet"]),
        new("vehicle", "vehicles", "vehicles", ["car", "bus", "train", "bike", "boat", "plane", "truck", "tram"]),
        new("piece of clothing", "pieces of clothing", "clothes", ["shirt", "coat", "hat", "scarf", "dress", "jacket", "skirt", "pullover"]),
        new("part of the body", "parts of the body", "body", ["head", "arm", "leg", "hand", "foot", "nose", "ear", "eye"]),
        new("shape", "shapes", "shapes", ["circle", "square", "triangle", "star", "line", "cube"]),
        new("person at work", "people at work", "jobs", ["baker", "doctor", "teacher", "farmer", "cook", "painter", "driver", "gardener"]),
        new("farm animal", "farm animals", "animals", ["cow", "horse", "sheep", "pig", "goat", "chicken", "donkey"]),
        new("sea animal", "sea animals", "animals", ["fish", "whale", "shark", "dolphin", "crab", "seal", "octopus"]),
        new("wild animal", "wild animals", "animals", ["lion", "tiger", "bear", "wolf", "fox", "elephant", "zebra", "giraffe", "monkey"]),
        new("insect", "insects", "insects", ["bee", "ant", "butterfly", "fly", "beetle"]),
        new("bird", "birds", "birds", ["owl", "eagle", "crow", "duck", "parrot", "penguin", "swan"]),
    ];

    /// <summary>Kinds whose members take no article: only listed.</summary>
    public static IReadOnlyList<Category> Bare { get; } =
    [
        new("colour", "colours", "colours", ["red", "blue", "green", "yellow", "white", "black", "brown", "pink", "orange", "purple", "grey"]),
        new("drink", "drinks", "drinks", ["water", "milk", "tea", "coffee", "juice", "lemonade", "cocoa"]),
        new("sport", "sports", "sports", ["football", "tennis", "swimming", "running", "skating", "dancing", "cycling"]),
        new("school subject", "school subjects", "school", ["maths", "music", "art", "reading", "history", "sport"]),
        new("kind of weather", "kinds of weather", "weather", ["sun", "rain", "snow", "wind", "fog", "storm", "ice"]),
        new("feeling", "feelings", "feelings", ["joy", "anger", "fear", "love", "hope", "pride", "sadness"]),
        new("meal", "meals", "meals", ["breakfast", "lunch", "dinner", "supper"]),
        new("hobby", "hobbies", "hobbies", ["drawing", "reading", "singing", "cooking", "fishing", "painting", "gardening", "dancing"]),
    ];

    public static IReadOnlyList<Category> All { get; } = [.. Nouns, .. Bare];
}
