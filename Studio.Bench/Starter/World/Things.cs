namespace Studio.Bench.Starter.World;

/// <summary>A thing with one clear colour; <c>Phrase</c> is how it stands in a sentence ("the sky", "a banana", "snow").</summary>
public sealed record Coloured(string Phrase, string Noun, string Colour);

/// <summary>A tool and what it is for: "A knife is used to cut food."</summary>
public sealed record Tool(string Name, string Use);

/// <summary>A thing and what it is made of.</summary>
public sealed record Made(string Name, string Material);

/// <summary>Things of the house, the garden and the street.</summary>
public static class Things
{
    public static IReadOnlyList<Coloured> Coloured { get; } =
    [
        new("the sky", "sky", "blue"), new("the sea", "sea", "blue"), new("the sun", "sun", "yellow"), new("grass", "grass", "green"),
        new("snow", "snow", "white"), new("milk", "milk", "white"), new("salt", "salt", "white"), new("coal", "coal", "black"),
        new("the night sky", "night", "black"), new("a banana", "banana", "yellow"), new("a lemon", "lemon", "yellow"),
        new("a strawberry", "strawberry", "red"), new("a tomato", "tomato", "red"), new("a cherry", "cherry", "red"),
        new("a carrot", "carrot", "orange"), new("a pumpkin", "pumpkin", "orange"), new("a leaf", "leaf", "green"),
        new("a frog", "frog", "green"), new("a cucumber", "cucumber", "green"), new("a pea", "pea", "green"),
        new("chocolate", "chocolate", "brown"), new("wood", "wood", "brown"), new("a bear", "bear", "brown"), new("coffee", "coffee", "brown"),
        new("a pig", "pig", "pink"), new("an elephant", "elephant", "grey"), new("a mouse", "mouse", "grey"), new("a rain cloud", "cloud", "grey"),
        new("a plum", "plum", "purple"), new("a fire engine", "engine", "red"), new("a crow", "crow", "black"), new("sand", "sand", "yellow"),
        new("butter", "butter", "yellow"), new("cotton", "cotton", "white"), new("a sheep", "sheep", "white"), new("honey", "honey", "golden"),
        new("a fox", "fox", "orange"), new("a lion", "lion", "yellow"), new("an orange", "orange", "orange"), new("lettuce", "lettuce", "green"),
    ];

    public static IReadOnlyList<Tool> Tools { get; } =
    [
        new("knife", "cut food"), new("spoon", "eat soup"), new("fork", "eat a salad"), new("cup", "drink tea"), new("plate", "serve food"),
        new("broom", "sweep the floor"), new("bucket", "carry water"), new("towel", "dry your hands"), new("soap bar", "wash your hands"),
        new("brush", "paint a wall"), new("comb", "tidy your hair"), new("pencil", "draw and write"), new("pen", "write a letter"),
        new("ruler", "draw a straight line"), new("hammer", "hit a nail"), new("saw", "cut wood"), new("ladder", "climb up high"),
        new("key", "open a door"), new("lamp", "light a room"), new("clock", "tell the time"), new("phone", "call a friend"),
        new("camera", "take photos"), new("umbrella", "stay dry in rain"), new("pillow", "rest your head"), new("blanket", "keep warm"),
        new("bag", "carry your things"), new("basket", "carry fruit"), new("bike", "ride to school"), new("map", "find the way"),
        new("needle", "sew clothes"), new("oven", "bake bread"), new("fridge", "keep food cold"), new("kettle", "boil water"),
        new("mirror", "see your face"), new("rope", "tie things"), new("spade", "dig a hole"), new("torch", "see at night"),
        new("radio", "hear music"), new("boat", "cross the water"), new("tent", "sleep outside"), new("calendar", "see the date"),
    ];

    public static IReadOnlyList<Made> Made { get; } =
    [
        new("table", "wood"), new("chair", "wood"), new("book", "paper"), new("newspaper", "paper"), new("window", "glass"),
        new("bottle", "glass"), new("key", "metal"), new("nail", "metal"), new("coin", "metal"), new("shirt", "cotton"),
        new("pullover", "wool"), new("scarf", "wool"), new("shoe", "leather"), new("belt", "leather"), new("wall", "stone"),
        new("castle", "stone"), new("snowman", "snow"), new("candle", "wax"), new("tyre", "rubber"), new("bucket", "plastic"),
        new("pencil", "wood"), new("fence", "wood"), new("mirror", "glass"), new("ring", "gold"), new("spoon", "metal"),
    ];

    /// <summary>Small things that heroes of stories own, lose and find.</summary>
    public static IReadOnlyList<string> Treasures { get; } =
    [
        "ball", "hat", "kite", "drum", "key", "lamp", "boat", "ring", "book", "shoe", "cup", "bell", "coin", "flute", "scarf", "map",
        "whistle", "blanket", "umbrella", "basket", "apple", "cake", "balloon", "clock", "stone", "shell", "feather", "doll", "spoon", "bike",
    ];

    public static IReadOnlyList<string> Colours { get; } =
        ["red", "blue", "green", "yellow", "white", "black", "brown", "pink", "orange", "purple", "grey", "golden"];
}
