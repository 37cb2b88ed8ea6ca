namespace Studio.Core.Text.Jinja.Values;

/// <summary>A Python list or tuple. Never changed once made: the sandbox lets templates call no method that would.</summary>
internal sealed class JinjaList(IReadOnlyList<object> items, bool tuple = false)
{
    public IReadOnlyList<object> Items { get; } = items;

    public bool IsTuple { get; } = tuple;

    /// <summary>Names under which the items of a named tuple can be asked for.</summary>
    public string[] Fields { get; init; } = [];

    public int Count => Items.Count;

    public static JinjaList Tuple(params object[] items) => new(items, true);
}
