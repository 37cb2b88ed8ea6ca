using System.Diagnostics.CodeAnalysis;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja;

/// <summary>Variables of a block, above those of the blocks around it. Assignments stay in the innermost scope, as in Jinja.</summary>
internal sealed class Scope(Scope? parent)
{
    private Dictionary<string, object>? _variables;

    public bool TryFind(string name, [MaybeNullWhen(false)] out object value)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Parent)
            if (scope._variables is { } variables && variables.TryGetValue(name, out value)) return true;
        value = null;
        return false;
    }

    public object Find(string name) => TryFind(name, out object? value) ? value : JinjaUndefined.Variable(name);

    public void Set(string name, object value) => (_variables ??= new Dictionary<string, object>(StringComparer.Ordinal))[name] = value;

    private Scope? Parent { get; } = parent;
}
