using System.Runtime.CompilerServices;

namespace Studio.Core.Text.Jinja;

/// <summary>Counts what a rendering uses and ends it where a bound is reached. Sizes are asked for before anything is made.</summary>
internal sealed class Budget(JinjaLimits limits)
{
    private long _steps;
    private long _characters;
    private long _items;
    private int _depth;
    private int _calls;

    public JinjaLimits Limits { get; } = limits;

    /// <summary>Work of <paramref name="count"/> small steps.</summary>
    public void Step(long count = 1)
    {
        if ((_steps += count) > Limits.Steps || count < 0) throw JinjaFault.Limit($"the template takes more than {Limits.Steps} steps");
    }

    /// <summary>A new text of that many characters; making it also takes time.</summary>
    public void Characters(long count)
    {
        if (count < 0 || (_characters += count) > Limits.TextLength)
            throw JinjaFault.Limit($"the template makes texts of more than {Limits.TextLength} characters");
        Step(count >> 5);
    }

    /// <summary>Reading through that many characters.</summary>
    public void Scan(long count) => Step(count >> 5);

    /// <summary>That many new list or dict items.</summary>
    public void Items(long count)
    {
        if (count < 0 || (_items += count) > Limits.Items) throw JinjaFault.Limit($"the template makes lists of more than {Limits.Items} items");
        Step(count >> 2);
    }

    public void CheckOutput(long length)
    {
        if (length > Limits.OutputLength) throw JinjaFault.Limit($"the rendered text has more than {Limits.OutputLength} characters");
    }

    public void Enter()
    {
        if (++_depth > Limits.Depth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw JinjaFault.Limit($"the template is evaluated more than {Limits.Depth} levels deep");
    }

    public void Leave() => _depth--;

    public void EnterCall()
    {
        if (++_calls > Limits.Calls) throw JinjaFault.Limit($"more than {Limits.Calls} nested macro calls or recursive loops");
    }

    public void LeaveCall() => _calls--;
}
