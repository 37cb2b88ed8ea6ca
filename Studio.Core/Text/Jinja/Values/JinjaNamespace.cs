namespace Studio.Core.Text.Jinja.Values;

/// <summary>What <c>namespace()</c> makes: the one thing whose attributes a template may set.</summary>
internal sealed class JinjaNamespace
{
    private readonly OrderedDictionary<string, object> _attributes = new(StringComparer.Ordinal);

    public IEnumerable<KeyValuePair<string, object>> Attributes => _attributes;

    public object this[string name]
    {
        get => _attributes.TryGetValue(name, out object? value) ? value : JinjaUndefined.Member(this, (JinjaText)name);
        set => _attributes[name] = value;
    }

    public bool Has(string name) => _attributes.ContainsKey(name);
}
