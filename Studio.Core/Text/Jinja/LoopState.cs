using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja;

/// <summary>The <c>loop</c> variable. Looks ahead only when asked, as jinja2's LoopContext does.</summary>
internal sealed class LoopState
{
    private readonly IEnumerator<object> _items;
    private readonly Queue<object> _ahead = new();
    private readonly Func<object, object>? _recurse;
    private readonly Budget _budget;
    private long _length = -1;
    private object _previous = JinjaNone.Value;
    private object _current = JinjaNone.Value;
    private object? _lastChanged;

    /// <param name="source">What is iterated over, for its length.</param>
    /// <param name="items">The items, filtered.</param>
    /// <param name="depth">How many recursive loops are around it.</param>
    /// <param name="recurse">Runs the loop's body over another iterable; null where the loop is not recursive.</param>
    /// <param name="budget">Bounds of the rendering.</param>
    public LoopState(object source, IEnumerable<object> items, int depth, Func<object, object>? recurse, Budget budget)
    {
        _items = items.GetEnumerator();
        _recurse = recurse;
        _budget = budget;
        Depth = depth;
        if (source is JinjaList or JinjaText or JinjaDict or DictView or JinjaRange or JinjaUndefined) _length = Iteration.Length(source);
    }

    /// <summary>Position of the current item, from 0.</summary>
    public long Position { get; private set; } = -1;

    public long Index => Position + 1;

    public int Depth { get; }

    public long Length
    {
        get
        {
            if (_length >= 0) return _length;
            while (Fetch()) { }
            return _length = Index + _ahead.Count;
        }
    }

    public bool MoveNext(out object item)
    {
        item = JinjaNone.Value;
        if (_ahead.Count == 0 && !Fetch()) return false;
        _previous = _current;
        _current = item = _ahead.Dequeue();
        Position++;
        return true;
    }

    /// <summary>The rest as pairs of item and loop, which iterating over <c>loop</c> itself gives.</summary>
    public IEnumerable<object> Pairs()
    {
        while (MoveNext(out object item)) yield return JinjaList.Tuple(item, this);
    }

    public object? Attribute(Evaluation run, string name) => name switch
    {
        "index" => Index,
        "index0" => Position,
        "revindex" => Length - Position,
        "revindex0" => Length - Index,
        "first" => Position == 0,
        "last" => !Peek(),
        "length" => Length,
        "depth" => (long)Depth + 1,
        "depth0" => (long)Depth,
        "previtem" => Position == 0 ? new JinjaUndefined("there is no previous item") : _previous,
        "nextitem" => Peek() ? _ahead.Peek() : new JinjaUndefined("there is no next item"),
        "cycle" => new JinjaFunction("cycle", (_, arguments) => arguments.Positional.Count > 0
            ? arguments.Positional[(int)(Position % arguments.Positional.Count)]
            : throw JinjaFault.Type("no items for cycling given"), "method"),
        "changed" => new JinjaFunction("changed", (_, arguments) => Changed(run, new JinjaList([.. arguments.Positional], true)), "method"),
        _ => null,
    };

    public object Recurse(object iterable) => _recurse is { } recurse ? recurse(iterable)
        : throw JinjaFault.Type("The loop must have the 'recursive' marker to be called recursively.");

    private bool Changed(Evaluation run, object value)
    {
        if (_lastChanged is { } last && Comparison.AreEqual(last, value, run.Budget)) return false;
        _lastChanged = value;
        return true;
    }

    private bool Peek() => _ahead.Count > 0 || Fetch();

    private bool Fetch()
    {
        if (!_items.MoveNext()) return false;
        _budget.Step();
        _ahead.Enqueue(_items.Current);
        return true;
    }
}
