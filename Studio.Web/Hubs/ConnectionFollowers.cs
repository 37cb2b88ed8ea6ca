namespace Studio.Web.Hubs;

/// <summary>What one connection follows, by name.</summary>
internal sealed class ConnectionFollowers : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Follower> _followers = new(StringComparer.Ordinal);
    private bool _closed;

    /// <summary>Sets a follower, in place of an earlier one of that name; false when the connection has closed or has too many.</summary>
    public bool TrySet(string key, Follower follower)
    {
        lock (_gate)
        {
            if (_closed || (!_followers.ContainsKey(key) && _followers.Count >= TelemetryBroadcaster.MaximumFollowed)) return false;
            _followers.GetValueOrDefault(key)?.Dispose();
            _followers[key] = follower;
            return true;
        }
    }

    /// <summary>Ends a follower, if there is one of that name.</summary>
    public void Remove(string key)
    {
        lock (_gate)
        {
            if (_followers.Remove(key, out var follower)) follower.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            foreach (var follower in _followers.Values) follower.Dispose();
            _followers.Clear();
        }
    }
}
