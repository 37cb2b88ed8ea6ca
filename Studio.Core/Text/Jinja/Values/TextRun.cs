namespace Studio.Core.Text.Jinja.Values;

/// <summary>A stretch of a text that came from one place.</summary>
/// <param name="Length">In UTF-16 units.</param>
/// <param name="Origin">See <see cref="Origins"/>.</param>
internal readonly record struct TextRun(int Length, int Origin);

/// <summary>
/// Where a character of the output came from: the template itself (0), a message (its index + 1), or other input. A bit beside it says whether
/// the character lies in a generation block.
/// </summary>
internal static class Origins
{
    /// <summary>Written by the template, or by what the template trusts as much as itself.</summary>
    public const int Template = 0;

    /// <summary>Input that is no message, or several inputs so mixed that their characters cannot be told apart.</summary>
    public const int Foreign = Generation - 1;

    private const int Generation = 1 << 30;

    public static int Message(int index) => Math.Min(index + 1, Foreign - 1);

    public static int InGeneration(int origin) => origin | Generation;

    public static bool IsGeneration(int origin) => (origin & Generation) != 0;

    public static int Source(int origin) => origin & ~Generation;

    /// <summary>The origin of a character that was made from characters of both origins.</summary>
    public static int Blend(int first, int second)
    {
        int a = Source(first), b = Source(second);
        int source = a == Template ? b : b == Template || a == b ? a : Foreign;
        return source | ((first | second) & Generation);
    }
}
