namespace Studio.Core.Text.Tokenization;

/// <summary>All tokens of a vocabulary as a tree of their characters, to find those that start at a place in one walk.</summary>
internal sealed class TokenTrie
{
    /// <summary>Where a walk starts.</summary>
    public const int Root = 0;

    private readonly Dictionary<ulong, int> _children = [];
    private readonly List<int> _ids = [-1];

    /// <summary>Adds a token; an empty one is left out.</summary>
    public void Add(string token, int id)
    {
        if (token.Length == 0) return;
        var node = Root;
        foreach (var c in token)
        {
            var key = Key(node, c);
            if (!_children.TryGetValue(key, out node))
            {
                node = _ids.Count;
                _children.Add(key, node);
                _ids.Add(-1);
            }
        }

        _ids[node] = id;
    }

    /// <summary>Walks on by one character; false where no token goes on like this.</summary>
    /// <param name="node">The place in the tree.</param>
    /// <param name="c">The next character.</param>
    /// <param name="id">The token that ends here, or -1.</param>
    public bool TryStep(ref int node, char c, out int id)
    {
        var found = _children.TryGetValue(Key(node, c), out node);
        id = found ? _ids[node] : -1;
        return found;
    }

    private static ulong Key(int node, char c) => ((ulong)(uint)node << 16) | c;
}
