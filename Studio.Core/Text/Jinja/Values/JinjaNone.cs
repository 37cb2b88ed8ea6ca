namespace Studio.Core.Text.Jinja.Values;

/// <summary>
/// Python's None. The other values are <see cref="bool"/>, <see cref="long"/> and (beyond it) <see cref="System.Numerics.BigInteger"/>,
/// <see cref="double"/>, and the classes of this folder. No other .NET object is ever a value, so a template cannot reach one.
/// </summary>
internal sealed class JinjaNone
{
    public static readonly JinjaNone Value = new();

    private JinjaNone()
    {
    }
}
