namespace Studio.Bench.Starter.Topics;

/// <summary>
/// The plots of the tiny stories: three to six sentences in which each follows from the one before. Slots: hero, name, he, his, him,
/// friend, trait, object, colour, spot, other.
/// </summary>
public static class StoryPlots
{
    private const string Open = "[Once there was|One day there was|There was once] {a:trait} {hero} [called|named] {name}. ";

    /// <summary>Plots that turn on the object.</summary>
    public static IReadOnlyList<string> WithObject { get; } =
    [
        Open + "{name} loved {his} {colour} {object}. One day the {object} was gone. {name} looked everywhere, but could not find it. "
             + "Then the {friend} found the {object} near {spot}. {name} was [very happy|so happy] and said thank you.",
        Open + "{name} found {a:colour} {object} near {spot}. \"Whose {object} is this?\" asked {name}. It belonged to the {friend}. "
             + "{name} gave it back, and [they became friends|the {friend} was very happy].",
        Open + "{name} wanted {a:object}, but had no money. So {he} helped the {friend} to clean {spot}. "
             + "As a thank you, the {friend} gave {him} {a:colour} {object}. {name} [smiled all day|was proud and happy].",
        Open + "{his} {object} was damaged, and {name} was sad. The {friend} came and said, \"I can help you.\" Together they fixed the {object}. "
             + "Now it looked [better than before|like new], and {name} was happy.",
        Open + "{name} had {a:colour} {object}. The {friend} had nothing to play with and was sad. So {name} shared the {object} with the {friend}. "
             + "They played together until [the evening|the stars came out].",
        Open + "Near {spot} {name} found an old box. In the box there was {a:colour} {object}. {name} showed it to the {friend}. "
             + "They were happy and [kept it safe|played with it every day].",
        Open + "It was the birthday of the {friend}. {name} had no gift, so {he} made {a:colour} {object}. "
             + "The {friend} opened the box and laughed. \"[This is the best gift|Thank you so much]!\" said the {friend}.",
    ];

    /// <summary>Plots that need no object.</summary>
    private static IReadOnlyList<string> Free { get; } =
    [
        Open + "{name} was afraid of the dark. One night {he} heard a noise near {spot}. {he} took a lamp and went to look. "
             + "It was only the {friend}. They laughed, and {name} was [not afraid any more|brave from that day on].",
        Open + "It was raining, and {name} could not play outside. {he} felt bored. Then the {friend} came to visit. "
             + "They drank [tea|cocoa] and told each other stories. It was the best rainy day of all.",
        Open + "One morning {name} planted a small seed near {spot}. Every day {he} gave it water. After many days a [tall|lovely] flower grew. "
             + "The {friend} came to see it, and {name} was proud.",
        Open + "{name} walked too far and lost the way home. {he} sat down near {spot} and was sad. The {friend} came by and knew the way. "
             + "Together they walked home, and {name} was [safe again|very glad].",
        Open + "{name} and the {friend} ran a race to {spot}. {name} was fast, but the {friend} fell down. {name} stopped and helped the {friend}. "
             + "Nobody won the race, but [both were happy|they became good friends].",
        Open + "In the night the snow fell. In the morning everything was white. {name} and the {friend} built a big snowman near {spot}. "
             + "They gave it [a hat and a scarf|a carrot for a nose] and laughed.",
        Open + "{name} wanted to bake a cake, but had no eggs. {he} asked the {friend} for help. The {friend} brought three eggs. "
             + "They baked the cake together and [ate it in the garden|shared it with everyone].",
        Open + "{name} wanted to swim, but was afraid of the water. The {friend} said, \"I will stay with you.\" Slowly {name} went into the lake. "
             + "After a week {he} could swim [very well|like a fish].",
        Open + "{name} looked at the moon every night. \"I want to be up there,\" said {name}. The {friend} had an idea. "
             + "They climbed up the hill, and there the moon looked [very near|big and bright]. {name} was happy.",
        Open + "{name} had no friends and felt lonely. One day {he} met the {friend} near {spot}. They talked and played all day. "
             + "From that day on {name} was [never lonely again|always happy].",
        Open + "{name} built a small boat from wood. With the {friend} {he} sailed to a little island. There they found [sweet berries|many shells]. "
             + "In the evening they came home, tired and happy.",
        Open + "One day the {friend} was sick. {name} made some [soup|tea] and brought it to {spot}. The {friend} ate and slept well. "
             + "The next day the {friend} was better and thanked {name}.",
    ];

    public static IReadOnlyList<string> All { get; } = [.. WithObject, .. Free];
}
