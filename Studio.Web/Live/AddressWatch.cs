namespace Studio.Web.Live;

/// <summary>
/// Tells the address changes that a page asked for itself from those of the user. The browser answers each with a delay; a page that
/// took over such an answer while later ones are on the way would fall back to what it showed before.
/// </summary>
public sealed class AddressWatch
{
    private readonly Queue<string> _asked = new();
    private string? _current;

    /// <summary>Remembers an address that the page is about to ask for.</summary>
    public void Ask(string uri) => _asked.Enqueue(uri);

    /// <summary>Whether the page must take over this address: neither is it the present one, nor did the page ask for it.</summary>
    public bool IsNews(string uri)
    {
        if (uri == _current)
            return false;
        _current = uri;
        if (!_asked.Contains(uri))
        {
            _asked.Clear();
            return true;
        }

        while (_asked.Dequeue() != uri)
        {
            // The browser skips addresses that were overtaken.
        }
        return false;
    }
}
