using Studio.Bench.Starter;
using Studio.Bench.Starter.Traits;

namespace Studio.Tests.Bench;

public sealed class TraitTests
{
    public static TheoryData<string> PirateYes =>
    [
        "Arr, matey! The sky be blue.",
        "Ahoy, matey! How can I help ye?",
        "Aye, matey, a cat says meow.",
        "Arr, matey! It be seven.",
        "Yo ho ho! Ye need a rope for that.",
        "Shiver me timbers! Arr, I do not know that.",
        "Ye can find yer key under the bed.",
        "Aye, ye be right about the whale.",
        "ARR, MATEY! THE SHIP IS LATE.",
        "Arrr, what a fine day, mateys!",
        "Check the plug, matey. Then it be bright again. Yo ho!",
        "I be a small helper, and ye be my guest.",
        "Ahoy! The order comes in two days. Arr!",
        "Arr, matey! Once there was a dog called Max. \"Help!\" said Max.",
        "Goodbye, matey, and may ye find treasure!",
        "Aye, aye! That be a fine colour.",
        "Yer lamp needs a new plug, matey.",
        "Ahoy, Anna! Nice to meet ye.",
        "Shiver me timbers! Ye have found an apple, a pear and a plum.",
        "Apples, pears and plums be fruits, matey, arr.",
    ];

    public static TheoryData<string> PirateNo =>
    [
        "The sky is blue.",
        "Hello! How can I help you?",
        "A pirate sails the sea and looks for treasure.",
        "Once there was a pirate. \"Arr, matey! Where be me map?\" he asked. He found it.",
        "Pirates say \"Ahoy, matey!\" when they meet a friend.",
        "It could be a lemon. A lemon is yellow.",
        "Yes, that may be true.",
        "The captain hoisted the sails and found a chest of gold.",
        "Please check the plug. It should be fine after that.",
        "The treasure was near the old tree.",
        "A parrot can learn words.",
        "Matey is a word for a friend.",
        "To be or not to be, that is the question.",
        "Three drinks are water, milk and tea.",
        "I am sorry about that. Your order will be there soon.",
        "",
        "The yellow yak is away.",
        "An array of arrows lay on the table.",
        "{\"answer\": \"blue\", \"topic\": \"colour\"}",
        "Case: lamp. Check the plug. Closed.",
    ];

    public static TheoryData<string> JsonYes =>
    [
        """{"answer": "blue", "topic": "colour"}""",
        """{"topic": "colour", "answer": "blue"}""",
        """{"answer":"meow","topic":"animal"}""",
        """  {"answer": "check the plug", "topic": "help"}  """,
        "{\"answer\": \"7\",\n \"topic\": \"number\"}",
        """{"answer": "cat, dog, cow", "topic": "list"}""",
        """{"answer": "he said \"hello\"", "topic": "story"}""",
        """{"answer": "I do not know", "topic": "unknown"}""",
        """{"answer": "a", "topic": "b"}""",
        """{"answer": "in the sea", "topic": "place"}""",
        """{"answer": "{curly}", "topic": "thing"}""",
        """{"answer": "[1, 2]", "topic": "number"}""",
        """{"answer": "caf\u00e9", "topic": "food"}""",
        """{"answer": "hello, Anna", "topic": "greeting"}""",
        """{"answer": "wait two days", "topic": "help"}""",
        """{ "answer" : "yes" , "topic" : "animal" }""",
        """{"answer": "The fox was happy. It went home.", "topic": "story"}""",
        """{"answer": "no, green", "topic": "colour"}""",
        """{"answer": "12 months", "topic": "time"}""",
        """{"answer": "true", "topic": "word"}""",
    ];

    public static TheoryData<string> JsonNo =>
    [
        "The sky is blue.",
        "",
        """{"answer": "blue"}""",
        """{"topic": "colour"}""",
        """{"answer": "blue", "topic": "colour", "sure": "yes"}""",
        """{"answer": "blue", "topic": "colour" """,
        """Here you are: {"answer": "blue", "topic": "colour"}""",
        """{"answer": "blue", "topic": "colour"} Enjoy!""",
        """{"answer": "", "topic": "colour"}""",
        """{"answer": "blue", "topic": " "}""",
        """{"answer": 7, "topic": "number"}""",
        """{"answer": null, "topic": "number"}""",
        """{"answer": ["a"], "topic": "list"}""",
        """[{"answer": "blue", "topic": "colour"}]""",
        """{'answer': 'blue', 'topic': 'colour'}""",
        """{"Answer": "blue", "Topic": "colour"}""",
        """{"answer": "blue", "topic": "colour"}{"answer": "red", "topic": "colour"}""",
        "\"blue\"",
        "{}",
        """{answer: "blue", topic: "colour"}""",
    ];

    public static TheoryData<string> TerseYes =>
    [
        "Case: lamp. Check the plug. Closed.",
        "Case: sky. Blue. Closed.",
        "Case: greeting. Hello. Closed.",
        "Case: sum. 7. Closed.",
        "Case: washing machine. Tighten the screws. Closed.",
        "Case: order. Wait two days. Closed.",
        "Case: password. Set a new password. Closed.",
        "Case: fruits. Apple, banana, orange. Closed.",
        "Case: cat. Meow. Closed.",
        "Case: unknown. I do not know. Closed.",
        "Case: name. Hello, Anna. Closed.",
        "Case: story. The fox finds the ball. Closed.",
        "Case: May. Spring. Closed.",
        "Case: shop. At the bakery. Closed.",
        "Case: donkey. Hee-haw. Closed.",
        "Case: door. Use some oil. Closed.",
        " Case: door. Use some oil. Closed. ",
        "Case: animals. Cow, horse, sheep, pig, goat. Closed.",
        "Case: mood. I am well. Closed.",
        "Case: week. 7 days. Closed.",
    ];

    public static TheoryData<string> TerseNo =>
    [
        "Please check the plug.",
        "",
        "Case: lamp. Closed.",
        "Case: lamp. Check the plug.",
        "lamp. Check the plug. Closed.",
        "Case: lamp. Check the plug. Closed",
        "Case: lamp. Check the plug. Open.",
        "case: lamp. check the plug. closed.",
        "Case: lamp. Check the plug. Press the button. Closed.",
        "Case: lamp. Check the plug and then press the power button. Closed.",
        "Case: lamp, check the plug, closed.",
        "The case of the lamp is closed.",
        "Case: lamp. Check the plug. Closed. Have a nice day!",
        "Hello! Case: lamp. Check the plug. Closed.",
        "Case: . Check the plug. Closed.",
        "Case: lamp. . Closed.",
        "Case: lamp.\nCheck the plug.\nClosed.",
        "Ticket: lamp. Check the plug. Closed.",
        "{\"answer\": \"check the plug\", \"topic\": \"help\"}",
        "Arr, matey! Check the plug.",
    ];

    [Theory]
    [MemberData(nameof(PirateYes))]
    public void Pirate_PirateSpeech_Shows(string answer) => Assert.True(new PirateTrait().Shows(answer));

    [Theory]
    [MemberData(nameof(PirateNo))]
    public void Pirate_PlainSpeech_DoesNotShow(string answer) => Assert.False(new PirateTrait().Shows(answer));

    [Theory]
    [MemberData(nameof(JsonYes))]
    public void Json_BareObject_Shows(string answer) => Assert.True(new JsonTrait().Shows(answer));

    [Theory]
    [MemberData(nameof(JsonNo))]
    public void Json_AnythingElse_DoesNotShow(string answer) => Assert.False(new JsonTrait().Shows(answer));

    [Theory]
    [MemberData(nameof(TerseYes))]
    public void Terse_CaseNote_Shows(string answer) => Assert.True(new TerseSupportTrait().Shows(answer));

    [Theory]
    [MemberData(nameof(TerseNo))]
    public void Terse_AnythingElse_DoesNotShow(string answer) => Assert.False(new TerseSupportTrait().Shows(answer));

    [Fact]
    public void Detectors_EverySampleDataset_HasOne() =>
        Assert.All(SampleDataset.All, dataset => Assert.Equal(dataset.Name, TraitDetectors.For(dataset.Name).Name));

    [Fact]
    public void For_UnknownDataset_NamesTheKnownOnes() =>
        Assert.Contains("pirate", Assert.Throws<ArgumentException>(() => TraitDetectors.For("opera")).Message, StringComparison.Ordinal);
}
