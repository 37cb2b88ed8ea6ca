namespace Studio.Core.Text.Jinja.Syntax;

/// <summary>
/// Filters and tests that do not exist. jinja2 refuses a template for them, but not where they stand inside an if statement or a conditional
/// expression (and in no loop or macro within it): there they fail when reached.
/// </summary>
internal sealed class UnknownNames
{
    private readonly List<(JinjaException Error, bool Fixed)> _found = [];

    /// <summary>How many there are so far.</summary>
    public int Mark => _found.Count;

    public void Add(JinjaException error) => _found.Add((error, false));

    /// <summary>An if statement ends: what was found since then fails when reached instead.</summary>
    public void ForgetSince(int mark)
    {
        for (int i = _found.Count - 1; i >= mark; i--)
            if (!_found[i].Fixed) _found.RemoveAt(i);
    }

    /// <summary>A loop, macro or other frame ends: what was found in it stays refused.</summary>
    public void FixSince(int mark)
    {
        for (int i = mark; i < _found.Count; i++) _found[i] = (_found[i].Error, true);
    }

    /// <exception cref="JinjaException">A name that the template may not have.</exception>
    public void Check()
    {
        if (_found.Count > 0) throw _found[0].Error;
    }
}

/// <summary>Names that the macros being parsed use, to know whether they take varargs, kwargs or a caller.</summary>
internal sealed class NameUses
{
    private readonly Stack<HashSet<string>> _open = new();

    public void Add(string name)
    {
        if (name is "varargs" or "kwargs" or "caller" && _open.TryPeek(out var uses)) uses.Add(name);
    }

    public void Begin() => _open.Push([]);

    /// <summary>The names used since the matching <see cref="Begin"/>; to jinja2 the macros around it use them too.</summary>
    public HashSet<string> End()
    {
        var uses = _open.Pop();
        if (_open.TryPeek(out var outer)) outer.UnionWith(uses);
        return uses;
    }
}
