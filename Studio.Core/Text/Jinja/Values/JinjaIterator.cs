namespace Studio.Core.Text.Jinja.Values;

/// <summary>A Python generator: its items come one by one, once.</summary>
internal sealed class JinjaIterator(IEnumerable<object> items)
{
    private readonly IEnumerator<object> _items = items.GetEnumerator();

    /// <summary>The items that are left.</summary>
    public IEnumerable<object> Rest()
    {
        while (_items.MoveNext()) yield return _items.Current;
    }
}
