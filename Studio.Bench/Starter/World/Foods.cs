namespace Studio.Bench.Starter.World;

/// <summary>A food with its taste: "A lemon tastes sour."</summary>
public sealed record Taste(string Phrase, string Noun, string Flavour);

/// <summary>A dish and what goes into it.</summary>
public sealed record Dish(string Phrase, string Noun, string Ingredients);

/// <summary>How something is made or done, step by step; <c>Task</c> follows "How do I ...".</summary>
public sealed record Recipe(string Task, string Subject, string Brief, string Steps);

/// <summary>Food, drink and small tasks of the house.</summary>
public static class Foods
{
    public static IReadOnlyList<Taste> Tastes { get; } =
    [
        new("a lemon", "lemon", "sour"), new("honey", "honey", "sweet"), new("sugar", "sugar", "sweet"), new("salt", "salt", "salty"),
        new("chocolate", "chocolate", "sweet"), new("a strawberry", "strawberry", "sweet"), new("coffee", "coffee", "bitter"),
        new("a pickle", "pickle", "sour"), new("pepper", "pepper", "hot"), new("cake", "cake", "sweet"), new("sea water", "sea", "salty"),
        new("a ripe pear", "pear", "sweet"), new("dark chocolate", "chocolate", "bitter"), new("vinegar", "vinegar", "sour"),
        new("a banana", "banana", "sweet"), new("soup", "soup", "salty"), new("jam", "jam", "sweet"), new("cheese", "cheese", "salty"),
    ];

    public static IReadOnlyList<Dish> Dishes { get; } =
    [
        new("bread", "bread", "flour and water"), new("a salad", "salad", "lettuce and tomatoes"), new("a pancake", "pancake", "eggs, milk and flour"),
        new("cheese", "cheese", "milk"), new("butter", "butter", "milk"), new("jam", "jam", "fruit and sugar"), new("lemonade", "lemonade", "lemons, water and sugar"),
        new("a cake", "cake", "flour, eggs and sugar"), new("an omelette", "omelette", "eggs"), new("apple juice", "juice", "apples"),
        new("tomato soup", "soup", "tomatoes"), new("fruit salad", "salad", "many fruits"), new("chips", "chips", "potatoes"),
        new("cocoa", "cocoa", "milk and chocolate"), new("a cheese sandwich", "sandwich", "bread and cheese"), new("yoghurt", "yoghurt", "milk"),
    ];

    public static IReadOnlyList<(string Meal, IReadOnlyList<string> Ideas)> Meals { get; } =
    [
        ("breakfast", ["bread with jam", "an egg and some bread", "yoghurt with fruit", "pancakes with honey"]),
        ("lunch", ["a bowl of soup", "a cheese sandwich", "a fresh salad", "rice with beans"]),
        ("dinner", ["fish with potatoes", "rice with vegetables", "tomato soup with bread", "an omelette and a salad"]),
        ("a snack", ["an apple", "some nuts", "a banana", "carrots and cheese"]),
    ];

    public static IReadOnlyList<Recipe> Recipes { get; } =
    [
        new("make tea", "tea", "use hot water", "First boil some water. Then pour it over the tea and wait three minutes. Now your tea is ready."),
        new("make a sandwich", "sandwich", "fill two slices", "Take two slices of bread. Put some butter and cheese on one slice. Then put the other slice on top."),
        new("make a salad", "salad", "mix fresh vegetables", "Wash some lettuce and tomatoes. Cut them into small pieces. Then mix them with a little oil and salt."),
        new("make pancakes", "pancakes", "mix and fry", "Mix flour, eggs and milk in a bowl. Pour a little into a hot pan. Turn the pancake when it is golden."),
        new("make soup", "soup", "cook vegetables slowly", "Cut some vegetables and put them in a pot of water. Cook them slowly with a little salt. Eat the soup while it is warm."),
        new("make lemonade", "lemonade", "mix lemons and sugar", "Press two lemons into a jug. Add cold water and some sugar. Stir it well and serve it with ice."),
        new("boil an egg", "egg", "boil seven minutes", "Put the egg in boiling water. Wait seven minutes. Then cool it in cold water."),
        new("bake a cake", "cake", "mix and bake", "Mix flour, eggs, sugar and butter. Put it in a warm oven for one hour. Let the cake cool before you eat it."),
        new("plant a seed", "seed", "soil, water and sun", "Put some soil in a pot. Push the seed into it and give it water. Then put the pot in the sun and wait."),
        new("wash my hands", "hands", "use water and soap", "Make your hands wet and take some soap. Rub them for a short time. Then use clean water and dry them with a towel."),
        new("clean my room", "room", "tidy, then sweep", "First put all your things back in their place. Then wipe the table and sweep the floor. Open the window at the end."),
        new("build a snowman", "snowman", "stack three snowballs", "Roll three big balls of snow. Put one on top of the other. Then add a hat, stones for the eyes and a carrot for the nose."),
        new("write a letter", "letter", "greet, write, sign", "Start with a kind greeting. Then write your news in short sentences. Sign it with your name at the end."),
        new("pack a bag", "bag", "heavy things first", "Put the heavy things in first. Then add your clothes and a bottle of water. Close the bag and check that nothing is missing."),
        new("make a paper boat", "boat", "fold the paper", "Take a sheet of paper and fold it in the middle. Fold the corners down and open it from below. Now your boat can swim."),
        new("fall asleep", "sleep", "rest without screens", "Turn off the light and your phone. Breathe slowly and think of a quiet place. Sleep will come soon."),
        new("learn a new word", "word", "say it often", "Read the word and say it aloud. Use it in a short sentence. Say it again the next day."),
        new("make a friend", "friend", "smile and listen", "Say hello and smile. Ask what the other person likes. Then listen and do something together."),
    ];
}
