namespace Studio.Bench.Starter.World;

/// <summary>What can be wrong with a device of the house and how to help. <c>Symptom</c> follows "The lamp ..." or "My lamp ...".</summary>
public sealed record Fault(IReadOnlyList<string> Devices, IReadOnlyList<string> Symptoms, string Fix, string Advice);

/// <summary>What can be wrong with an order or an account, or what is wished for; nobody is sorry about a wish.</summary>
public sealed record Case(string Subject, IReadOnlyList<string> Reports, string Fix, string Advice, bool IsWish = false);

/// <summary>Small problems for the help desk.</summary>
public static class Problems
{
    public static IReadOnlyList<Fault> Faults { get; } =
    [
        new(["lamp", "radio", "television", "computer", "printer", "kettle", "toaster", "heater", "fan", "fridge", "oven"],
            ["is broken", "does not turn on", "does not work", "stopped working", "has no power", "is dead"], "check the plug",
            "Please check the plug first. Then press the power button on the {device}."),
        new(["computer", "phone", "tablet", "television", "printer", "router"],
            ["is very slow", "is frozen", "shows an error", "does not answer", "hangs all the time"], "restart it",
            "Please turn the {device} off and wait one minute. Then turn it on again."),
        new(["clock", "camera", "torch", "toy car", "doorbell", "watch"],
            ["is broken", "does not work", "stopped", "is too weak", "does not turn on"], "change the battery",
            "Please put a new battery into the {device}. It should work again after that."),
        new(["phone", "tablet", "bike lamp", "speaker"],
            ["is empty", "turns off after one hour", "does not stay on", "has no energy"], "charge the battery",
            "Please charge the {device} for two hours. Then try it again."),
        new(["fridge", "fan", "washing machine", "drill", "oven"],
            ["is too loud", "makes a strange noise", "makes a lot of noise", "shakes"], "tighten the screws",
            "Please turn the {device} off and tighten the screws. It should stand on flat ground."),
        new(["computer", "phone", "heater", "toaster", "television"],
            ["is too hot", "gets very hot", "smells of smoke"], "turn it off",
            "Please turn the {device} off at once and let it cool. Do not use it until it is cold."),
        new(["tap", "pipe", "washing machine", "shower"],
            ["is leaking", "drips all night", "loses water", "makes the floor wet"], "close the water",
            "Please close the water first. Then put a bucket under the {device} and call us."),
        new(["door", "window", "drawer", "lock", "gate"],
            ["is stuck", "does not open", "does not close", "is hard to move"], "use some oil",
            "Please put a little oil on the {device}. Then move it slowly until it is free."),
        new(["chair", "cup", "toy", "plate", "frame"],
            ["is broken", "has a crack", "fell down and broke", "lost a piece"], "use some glue",
            "Please clean the {device} and use some glue. Let it dry for one day."),
        new(["carpet", "shirt", "coat", "sofa", "pullover"],
            ["is dirty", "has a stain", "smells bad"], "wash it gently",
            "Please wash the {device} gently with warm water. Then let it dry in the air."),
    ];

    public static IReadOnlyList<Case> Cases { get; } =
    [
        new("order", ["My order is late.", "My {item} has not arrived.", "Where is my {item}?", "I am still waiting for my {item}.", "The {item} that I ordered is late.", "When will my {item} come?"],
            "wait two days", "Your order is on its way. Please wait two more days."),
        new("order", ["I got the wrong {item}.", "This is not the {item} that I ordered.", "You sent me the wrong {item}.", "The colour of the {item} is wrong."],
            "send it back", "Please send the {item} back. We will send you the right one."),
        new("order", ["My {item} arrived broken.", "The new {item} has a crack.", "The {item} in the box is damaged.", "The {item} was broken when I opened the box."],
            "new one sent", "We will send you a new {item} today. You can keep the old one."),
        new("order", ["I want to return the {item}.", "How can I return my {item}?", "I do not like the {item}. Can I give it back?", "The {item} is too small. Can I return it?"],
            "send it back", "You can return the {item} within one month. Please put it in the box and send it back.", IsWish: true),
        new("order", ["I want to cancel my order.", "Please cancel the order for the {item}.", "Can I cancel the {item}?", "I do not need the {item} any more."],
            "order cancelled", "Your order is cancelled. You do not have to pay.", IsWish: true),
        new("money", ["I paid twice for the {item}.", "I want my money back for the {item}.", "The bill for the {item} is too high.", "The price on the bill is wrong."],
            "money sent back", "We will check the bill. You will get your money back this week."),
        new("address", ["I moved to a new house.", "How can I change my address?", "Please send the {item} to my new address."],
            "write the new address", "Please write us your new address. We will change it at once.", IsWish: true),
        new("password", ["I forgot my password.", "I cannot log in.", "My password does not work.", "How can I change my password?", "The login page says my password is wrong."],
            "set a new password", "Please press the link below the login. Then choose a new password."),
        new("account", ["I want to close my account.", "How can I delete my account?", "Please delete my account.", "I do not need my account any more."],
            "account closed", "We will close your account today. Thank you for the time with us.", IsWish: true),
        new("internet", ["The internet does not work.", "I have no internet.", "The internet is very slow.", "My computer cannot find the internet.", "The internet is down again."],
            "restart the router", "Please restart the router and wait two minutes. Then try it again."),
    ];

    /// <summary>Things that people order.</summary>
    public static IReadOnlyList<string> Items { get; } =
        ["lamp", "book", "chair", "coat", "bag", "phone", "clock", "toy", "cup", "table", "hat", "radio", "bike", "kettle", "camera", "scarf", "tent", "mirror"];
}
