using System.Diagnostics.CodeAnalysis;

namespace Studio.Core.Text.Jinja.Values;

/// <summary>A Python dict: keeps the order of insertion; 1, 1.0 and true are the same key. Never changed once handed out.</summary>
internal sealed class JinjaDict
{
    private readonly OrderedDictionary<object, object> _entries = new(KeyComparer.Instance);

    public int Count => _entries.Count;

    public IEnumerable<object> Keys => _entries.Keys;

    public IEnumerable<object> Values => _entries.Values;

    public IEnumerable<KeyValuePair<object, object>> Entries => _entries;

    /// <summary>Adds or replaces an item.</summary>
    /// <exception cref="JinjaFault">The key cannot be hashed.</exception>
    public void Set(object key, object value) => _entries[Hashable(key)] = value;

    public bool TryGet(object key, [MaybeNullWhen(false)] out object value) => _entries.TryGetValue(Hashable(key), out value);

    private static object Hashable(object key)
    {
        if (key is JinjaDict || (key is JinjaList { IsTuple: false })) throw JinjaFault.Type($"unhashable type: '{TypeNames.Of(key)}'");
        if (key is JinjaList tuple)
            foreach (object item in tuple.Items) Hashable(item);
        return key;
    }

    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static readonly KeyComparer Instance = new();

        public new bool Equals(object? x, object? y) => Comparison.AreEqual(x!, y!);

        public int GetHashCode(object value) => value switch
        {
            JinjaText text => string.GetHashCode(text.Value, StringComparison.Ordinal),
            bool or long or double or System.Numerics.BigInteger => Numbers.ToDouble(value).GetHashCode(),
            JinjaList list => list.Items.Aggregate(17, (hash, item) => unchecked(hash * 31 + GetHashCode(item))),
            _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value),
        };
    }
}

/// <summary>What <c>keys()</c>, <c>values()</c> and <c>items()</c> of a dict give.</summary>
internal sealed class DictView(JinjaDict dict, DictPart part)
{
    public JinjaDict Dict { get; } = dict;

    public DictPart Part { get; } = part;

    public IEnumerable<object> Items => Part switch
    {
        DictPart.Keys => Dict.Keys,
        DictPart.Values => Dict.Values,
        _ => Dict.Entries.Select(entry => (object)JinjaList.Tuple(entry.Key, entry.Value)),
    };
}

/// <summary>Which part of a dict a view shows.</summary>
internal enum DictPart
{
    Keys,
    Values,
    Items,
}
