using Studio.Bench.Starter.World;

namespace Studio.Bench.Starter.Topics;

/// <summary>Tastes, ingredients, meals and how to do small things.</summary>
public static class FoodTopics
{
    public static IReadOnlyList<Topic> All { get; } =
    [
        new()
        {
            Name = "taste", Label = "food", Weight = 8, Subject = "{noun}", Brief = "{flavour}",
            Facts = random =>
            {
                var taste = random.Pick(Foods.Tastes);
                return new Dictionary<string, string> { ["food"] = taste.Phrase, ["noun"] = taste.Noun, ["flavour"] = taste.Flavour };
            },
            Prompts =
            [
                "How does {food} taste?", "What does {food} taste like?", "What is the taste of {food}?", "Tell me how {food} tastes.", "Do you know how {food} tastes?",
                "Is {food} [sweet|sour|salty]?", "I have never tried {food}. How does it taste?", "[Can|Could] you tell me how {food} tastes?",
                "Which taste does {food} have?", "Please tell me what {food} tastes like.", "How would you describe the taste of {food}?",
                "My friend gave me {food}. How will it taste?",
            ],
            Answers = ["{food} tastes {flavour}.", "The taste of {food} is {flavour}.", "{food} is {flavour}."],
        },
        new()
        {
            Name = "ingredients", Label = "food", Weight = 10, Subject = "{noun}", Brief = "{ingredients}",
            Facts = random =>
            {
                var dish = random.Pick(Foods.Dishes);
                return new Dictionary<string, string> { ["dish"] = dish.Phrase, ["noun"] = dish.Noun, ["ingredients"] = dish.Ingredients };
            },
            Prompts =
            [
                "Name the things I need for {dish}.",
                "What is {dish} made from?", "What do I need to make {dish}?", "What do I need for {dish}?", "What goes into {dish}?", "What is in {dish}?",
                "Tell me what I need for {dish}.", "Which food do I need to make {dish}?", "I want to make {dish}. What do I need?", "What do people use to make {dish}?",
                "[Can|Could] you tell me what is in {dish}?", "Do you know what goes into {dish}?", "What should I buy to make {dish}?",
                "Please tell me what {dish} is made from.",
            ],
            Answers = ["You need {ingredients} to make {dish}.", "{dish} is made from {ingredients}.", "To make {dish} you need {ingredients}.", "Take {ingredients}."],
        },
        new()
        {
            Name = "meal-idea", Label = "food", Weight = 10, Subject = "{meal}", Brief = "{first}",
            Facts = random =>
            {
                var (meal, ideas) = random.Pick(Foods.Meals);
                return new Dictionary<string, string>
                {
                    ["for"] = meal, ["meal"] = meal.Split(' ')[^1], ["idea"] = random.Pick(ideas), ["first"] = ideas[0], ["other"] = random.Pick(ideas),
                };
            },
            Prompts =
            [
                "Any ideas for {for}?",
                "What should I eat for {for}?", "What can I make for {for}?", "I need an idea for {for}.", "What is good for {for}?", "Give me an idea for {for}.",
                "I am hungry. What can I have for {for}?", "What do people eat for {for}?", "What would you eat for {for}?", "[Can|Could] you give me an idea for {for}?",
                "Tell me something nice for {for}.", "What do you suggest for {for}?", "Help me with {for}.", "I do not know what to eat for {for}.",
            ],
            Answers =
            [
                "How about {idea}?", "You could have {idea}. [Enjoy it!|That is tasty.]", "{idea} would be nice for {for}.", "I suggest {idea}. [Enjoy your meal!|It is easy to make.]",
            ],
        },
        new()
        {
            Name = "how-to", Label = "help", Weight = 22, Subject = "{subject}", Brief = "{brief}",
            Facts = random =>
            {
                var recipe = random.Pick(Foods.Recipes);
                return new Dictionary<string, string> { ["task"] = recipe.Task, ["subject"] = recipe.Subject, ["brief"] = recipe.Brief, ["steps"] = recipe.Steps };
            },
            Prompts =
            [
                "How do I {task}?", "How can I {task}?", "What is the best way to {task}?", "Tell me how to {task}.", "I want to {task}. What should I do?",
                "Please explain how to {task}.", "[Can|Could] you help me to {task}?", "Show me how to {task}.", "I need to {task}. How does it work?",
                "Do you know how to {task}?", "I do not know how to {task}.", "Teach me to {task}.", "What do I have to do to {task}?", "Help me to {task}, please.",
            ],
            Answers = ["{steps}", "{steps}", "It is easy. {steps}", "Here is how. {steps}"],
        },
    ];
}
