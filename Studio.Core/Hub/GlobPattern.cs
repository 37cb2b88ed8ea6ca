using System.Text;
using System.Text.RegularExpressions;

namespace Studio.Core.Hub;

/// <summary>Patterns of file names as cards of data sets use them: * within a folder, ** across folders, ? and [...].</summary>
internal static class GlobPattern
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>The names that a pattern matches.</summary>
    /// <exception cref="HubException">The pattern takes too long; none that people write does.</exception>
    public static IEnumerable<string> Matches(string pattern, IEnumerable<string> names)
    {
        pattern = pattern.StartsWith("./", StringComparison.Ordinal) ? pattern[2..] : pattern;
        // Without backtracking: the pattern comes from a stranger.
        var regex = new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Limit);
        return names.Where(name => regex.IsMatch(name));
    }

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder("^");
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern.AsSpan(i).StartsWith("**/")) (_, i) = (regex.Append("(?:.*/)?"), i + 2);
            else if (pattern.AsSpan(i).StartsWith("**")) (_, i) = (regex.Append(".*"), i + 1);
            else if (pattern[i] == '*') regex.Append("[^/]*");
            else if (pattern[i] == '?') regex.Append("[^/]");
            else if (pattern[i] == '[' && pattern.IndexOf(']', i + 2) is > 0 and var end)
            {
                string set = pattern[(i + 1)..end];
                regex.Append('[').Append(set[0] == '!' ? "^" : "").Append((set[0] == '!' ? set[1..] : set).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal).Replace("^", "\\^", StringComparison.Ordinal)).Append(']');
                i = end;
            }
            else regex.Append(Regex.Escape(pattern[i].ToString()));
        }
        return regex.Append('$').ToString();
    }
}
