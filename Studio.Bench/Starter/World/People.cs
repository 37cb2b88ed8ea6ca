namespace Studio.Bench.Starter.World;

/// <summary>A job: "A baker bakes bread." <c>Does</c> is the third person, <c>Do</c> the base form.</summary>
public sealed record Job(string Name, string Does, string Do, string Place);

/// <summary>A place and what people do there; <c>Phrase</c> includes its article and follows <c>Preposition</c>.</summary>
public sealed record Place(string Phrase, string Noun, string Do, string Preposition = "in")
{
    /// <summary>Where one is there: "on a beach".</summary>
    public string At => $"{Preposition} {Phrase}";
}

/// <summary>Something to buy and the shop that sells it.</summary>
public sealed record Ware(string Name, string Shop);

/// <summary>A hobby as a noun and as a verb, with a kind word about it.</summary>
public sealed record Hobby(string Doing, string Do, string Comment);

/// <summary>People, their work, their places and what they like to do.</summary>
public static class People
{
    public static IReadOnlyList<Job> Jobs { get; } =
    [
        new("baker", "bakes bread", "bake bread", "in a bakery"), new("doctor", "helps sick people", "help sick people", "in a hospital"),
        new("teacher", "teaches children", "teach children", "in a school"), new("farmer", "grows food", "grow food", "on a farm"),
        new("cook", "makes meals", "make meals", "in a kitchen"), new("painter", "paints pictures", "paint pictures", "in a studio"),
        new("gardener", "takes care of plants", "take care of plants", "in a garden"),
        new("bus driver", "drives the bus", "drive the bus", "on the road"), new("pilot", "flies a plane", "fly a plane", "in the sky"),
        new("firefighter", "puts out fires", "put out fires", "at a fire station"), new("singer", "sings songs", "sing songs", "on a stage"),
        new("writer", "writes books", "write books", "at a desk"), new("sailor", "sails a ship", "sail a ship", "on the sea"),
        new("dentist", "looks after teeth", "look after teeth", "in a clinic"), new("builder", "builds houses", "build houses", "outside"),
        new("tailor", "makes clothes", "make clothes", "in a small shop"), new("postman", "brings letters", "bring letters", "in the street"),
        new("fisherman", "catches fish", "catch fish", "on a boat"), new("vet", "helps sick animals", "help sick animals", "in an animal clinic"),
        new("shepherd", "looks after sheep", "look after sheep", "in the hills"),
    ];

    public static IReadOnlyList<Place> Places { get; } =
    [
        new("a library", "library", "read and borrow books"), new("a school", "school", "learn new things"), new("a kitchen", "kitchen", "cook meals"),
        new("a bedroom", "bedroom", "sleep and rest"), new("a park", "park", "walk and play"), new("a beach", "beach", "swim and build castles", "on"),
        new("a garden", "garden", "grow flowers and vegetables"), new("a market", "market", "buy fresh food", "at"), new("a zoo", "zoo", "look at animals", "at"),
        new("a museum", "museum", "look at old things"), new("a theatre", "theatre", "watch plays"), new("a station", "station", "wait for the train", "at"),
        new("a hospital", "hospital", "get better"), new("a restaurant", "restaurant", "eat a meal"), new("a post office", "post", "send letters", "at"),
        new("a bathroom", "bathroom", "wash and shower"), new("a farm", "farm", "keep animals", "on"), new("a playground", "playground", "climb and swing", "on"),
        new("a cinema", "cinema", "watch films"), new("a swimming pool", "pool", "swim", "at"), new("a harbour", "harbour", "look at ships", "at"),
        new("a campsite", "campsite", "sleep in tents", "at"), new("an airport", "airport", "take a plane", "at"), new("an office", "office", "work at desks"),
    ];

    public static IReadOnlyList<Ware> Wares { get; } =
    [
        new("bread", "bakery"), new("a cake", "bakery"), new("a book", "bookshop"), new("flowers", "flower shop"), new("stamps", "post office"),
        new("fresh fish", "fish market"), new("apples", "market"), new("vegetables", "market"), new("a doll", "toy shop"), new("a kite", "toy shop"),
        new("new shoes", "shoe shop"), new("a pullover", "clothes shop"), new("a coat", "clothes shop"), new("a lamp", "furniture shop"),
        new("a table", "furniture shop"), new("medicine", "pharmacy"), new("a hammer", "tool shop"), new("a drum", "music shop"),
        new("a flute", "music shop"), new("cheese", "supermarket"), new("milk", "supermarket"), new("a train ticket", "station"),
    ];

    public static IReadOnlyList<Hobby> Hobbies { get; } =
    [
        new("drawing", "draw", "With a pencil you can make a whole world."), new("reading", "read", "A good book is like a friend."),
        new("cooking", "cook", "A warm meal makes people happy."), new("singing", "sing", "A song makes the day bright."),
        new("dancing", "dance", "Music and movement feel good."), new("swimming", "swim", "It keeps the whole body strong."),
        new("painting", "paint", "Colours can show how you feel."), new("gardening", "work in the garden", "It is nice to see plants grow."),
        new("fishing", "fish", "It is quiet near the water."), new("running", "run", "Fresh air is good for you."),
        new("cycling", "ride my bike", "You can see many places that way."), new("baking", "bake", "A house that smells of cake is lovely."),
        new("football", "play football", "It is fun to play in a team."), new("tennis", "play tennis", "You need quick feet for that."),
        new("chess", "play chess", "It makes you think."), new("music", "play music", "Music is good for the heart."),
        new("sewing", "sew", "It is great to make your own clothes."), new("camping", "sleep in a tent", "The stars look lovely at night."),
        new("hiking", "walk in the hills", "The view from a hill is wonderful."), new("writing", "write stories", "Every story begins with one word."),
        new("knitting", "knit", "A warm scarf is a fine thing."), new("skating", "skate", "It feels a little like flying."),
        new("puzzles", "do puzzles", "The last piece is always the best."), new("photography", "take photos", "A photo keeps a happy day."),
    ];

    /// <summary>People one may speak about: "my sister".</summary>
    public static IReadOnlyList<string> Relatives { get; } =
    [
        "mother", "father", "sister", "brother", "friend", "aunt", "uncle", "teacher", "neighbour", "grandmother", "grandfather", "cousin",
        "daughter", "son",
    ];
}
