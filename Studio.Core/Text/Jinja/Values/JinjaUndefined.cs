namespace Studio.Core.Text.Jinja.Values;

/// <summary>
/// What a missing variable, attribute or item is: prints as nothing, is false and empty, and fails with its reason in any other use
/// (jinja2.Undefined).
/// </summary>
/// <param name="reason">The message of that failure.</param>
/// <param name="kind">Its kind: <see cref="JinjaErrorKind.Security"/> for what the sandbox hides.</param>
internal sealed class JinjaUndefined(string reason, JinjaErrorKind kind = JinjaErrorKind.Undefined)
{
    public JinjaFault Fault() => new(kind, reason);

    public static JinjaUndefined Variable(string name) => new($"{PythonText.Quote(name)} is undefined");

    public static JinjaUndefined Member(object owner, object name)
    {
        string type = owner is JinjaNone ? "None" : $"{TypeNames.Of(owner)} object";
        return name is JinjaText text
            ? new JinjaUndefined($"{PythonText.Quote(type)} has no attribute {PythonText.Quote(text.Value)}")
            : new JinjaUndefined($"{type} has no element {PythonText.ShortRepr(name)}");
    }

    public static JinjaUndefined Unsafe(object owner, string name) =>
        new($"access to attribute {PythonText.Quote(name)} of {PythonText.Quote(TypeNames.Of(owner))} object is unsafe.", JinjaErrorKind.Security);
}
