namespace Studio.Bench.Soak.Fuzz;

/// <summary>One edit: bytes of the original that others take the place of.</summary>
/// <param name="Start">First byte.</param>
/// <param name="Length">How many go.</param>
/// <param name="With">What comes instead.</param>
internal readonly record struct Splice(int Start, int Length, byte[] With)
{
    /// <summary>Applies edits that all speak of the original; of two that overlap, the later one in the file wins.</summary>
    public static byte[] Apply(byte[] original, IEnumerable<Splice> edits)
    {
        var kept = new List<Splice>();
        int before = original.Length + 1;
        foreach (var edit in edits.OrderByDescending(edit => edit.Start).ThenByDescending(edit => edit.Length))
        {
            if (edit.Start + edit.Length > Math.Min(before, original.Length)) continue;
            kept.Add(edit);
            before = edit.Start;
        }
        using var result = new MemoryStream();
        int at = 0;
        foreach (var edit in Enumerable.Reverse(kept))
        {
            result.Write(original, at, edit.Start - at);
            result.Write(edit.With);
            at = edit.Start + edit.Length;
        }
        result.Write(original, at, original.Length - at);
        return result.ToArray();
    }
}
