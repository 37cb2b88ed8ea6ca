using System.Text;
using System.Text.RegularExpressions;

namespace Studio.Core.Text.Templates;

/// <summary>
/// One spelling for templates that differ only in layout: white space that transformers' Jinja settings (trim_blocks, lstrip_blocks) and
/// the <c>-</c> marks remove is removed, strings use single quotes and <c>\n</c>, <c>x['name']</c> is <c>x.name</c>, and neighbouring
/// strings and prints are joined.
/// </summary>
internal static partial class JinjaCanonicalForm
{
    /// <summary>The canonical spelling; null where the template has text outside of tags, comments, or something malformed.</summary>
    public static string? Of(string template)
    {
        // Jinja drops one newline at the end of a template.
        var source = template.Replace("\r\n", "\n", StringComparison.Ordinal);
        if (source.EndsWith('\n')) source = source[..^1];
        var output = new StringBuilder();
        var at = 0;
        var trimAll = false;
        var trimLine = false;
        var afterPrint = false;
        foreach (Match tag in Tag().Matches(source))
        {
            var block = tag.Value[1] == '%';
            if (!IsRemoved(source[at..tag.Index], trimAll, trimLine, tag.Value[2] == '-', block)) return null;
            trimAll = tag.Value[^3] == '-';
            trimLine = block;
            var inner = Inner(tag.Groups["inner"].Value);
            if (inner is null) return null;
            if (!block && afterPrint)
            {
                output.Length -= "}}".Length;
                output.Append('+').Append(inner).Append("}}");
            }
            else
            {
                output.Append(block ? $"{{%{inner}%}}" : $"{{{{{inner}}}}}");
            }

            afterPrint = !block;
            at = tag.Index + tag.Length;
        }

        if (!IsRemoved(source[at..], trimAll, trimLine, false, false)) return null;
        return output.Replace("'+'", "").ToString();
    }

    private static bool IsRemoved(string text, bool trimAll, bool trimLine, bool beforeDash, bool beforeBlock)
    {
        if (trimAll || beforeDash) return string.IsNullOrWhiteSpace(text);
        if (trimLine && text.StartsWith('\n')) text = text[1..];
        else if (beforeBlock && !text.Contains('\n', StringComparison.Ordinal)) return text.Length == 0;
        return text.Length == 0 || (beforeBlock && text.All(c => c is ' ' or '\t'));
    }

    private static string? Inner(string code)
    {
        var output = new StringBuilder();
        for (var i = 0; i < code.Length;)
        {
            var c = code[i];
            if (c is '\'' or '"')
            {
                var close = code.IndexOf(c, i + 1);
                if (close < 0) return null;
                var text = code[(i + 1)..close];
                if (text.Contains('\'', StringComparison.Ordinal) || EscapeOtherThanNewline().IsMatch(text)) return null;
                output.Append('\'').Append(text.Replace("\n", "\\n", StringComparison.Ordinal)).Append('\'');
                i = close + 1;
            }
            else if (char.IsWhiteSpace(c))
            {
                var end = i;
                while (end < code.Length && char.IsWhiteSpace(code[end])) end++;
                // White space matters only between two words.
                if (output.Length > 0 && end < code.Length && IsWord(output[^1]) && IsWord(code[end])) output.Append(' ');
                i = end;
            }
            else
            {
                output.Append(c);
                i++;
            }
        }

        return Member().Replace(output.ToString(), ".$1");
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_' || c == ']';

    [GeneratedRegex(@"\{%-?(?<inner>(?:'[^']*'|""[^""]*""|[^'""])*?)-?%\}|\{\{-?(?<inner>(?:'[^']*'|""[^""]*""|[^'""])*?)-?\}\}", RegexOptions.Singleline, 1000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"(?<=[\w\]])\['(\w+)'\]")]
    private static partial Regex Member();

    [GeneratedRegex(@"\\[^n]|\\$")]
    private static partial Regex EscapeOtherThanNewline();
}
