namespace Studio.Core.Generation;

/// <summary>Holds back text that may become a stop text, and cuts at the first one that is complete.</summary>
public sealed class StopTextFilter(IReadOnlyList<string> stops)
{
    private string _held = "";

    /// <summary>Whether a stop text has come; everything after it is dropped.</summary>
    public bool Stopped { get; private set; }

    /// <summary>Adds text; returns what is safe to show now.</summary>
    public string Push(string text)
    {
        if (Stopped) return "";
        _held += text;
        // The one that is complete first, whatever the pieces: of two that end together the longer.
        int cut = -1, end = int.MaxValue;
        foreach (string stop in stops)
        {
            int at = _held.IndexOf(stop, StringComparison.Ordinal);
            if (at < 0 || at + stop.Length > end || (at + stop.Length == end && at > cut)) continue;
            (cut, end) = (at, at + stop.Length);
        }
        if (cut >= 0)
        {
            Stopped = true;
            return Release(cut);
        }
        return Release(_held.Length - LongestOpenEnd());
    }

    /// <summary>What is still held when the answer ends.</summary>
    public string Flush() => Stopped ? "" : Release(_held.Length);

    private string Release(int count)
    {
        string ready = _held[..count];
        _held = _held[count..];
        return ready;
    }

    // Length of the longest end of the held text that begins a stop text.
    private int LongestOpenEnd()
    {
        int longest = 0;
        foreach (string stop in stops)
        {
            for (int length = Math.Min(stop.Length - 1, _held.Length); length > longest; length--)
            {
                if (_held.AsSpan(_held.Length - length).SequenceEqual(stop.AsSpan(0, length))) longest = length;
            }
        }
        return longest;
    }
}
