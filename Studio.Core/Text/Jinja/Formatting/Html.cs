using System.Text;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Formatting;

/// <summary>markupsafe.escape.</summary>
internal static class Html
{
    /// <summary>The text as Markup, with <c>&amp; &lt; &gt; ' "</c> replaced; text that is Markup already stays.</summary>
    public static JinjaText Escape(JinjaText text, Budget budget)
    {
        if (text.IsMarkup) return text;
        var buffer = new TextBuffer(budget);
        int start = 0;
        string value = text.Value;
        for (int i = 0; i < value.Length; i++)
        {
            string? entity = value[i] switch { '&' => "&amp;", '<' => "&lt;", '>' => "&gt;", '\'' => "&#39;", '"' => "&#34;", _ => null };
            if (entity is null) continue;
            buffer.Append(text.Slice(start, i)).Append(entity, text.Slice(i, i + 1).Blended);
            start = i + 1;
        }

        return buffer.Append(text.Slice(start, value.Length)).ToText(markup: true);
    }

    /// <summary>Without tags and comments, white space runs as one blank (Markup.striptags).</summary>
    public static string StripTags(string text)
    {
        text = Remove(text, "<!--", "-->");
        text = Remove(text, "<", ">");
        var output = new StringBuilder(text.Length);
        foreach (string word in text.Split([.. text.Where(CodePoints.IsSpace).Distinct()], StringSplitOptions.RemoveEmptyEntries))
            output.Append(output.Length == 0 ? "" : " ").Append(word);
        return System.Net.WebUtility.HtmlDecode(text.Any(CodePoints.IsSpace) ? output.ToString() : text);
    }

    private static string Remove(string text, string open, string close)
    {
        var output = new StringBuilder(text.Length);
        int at = 0;
        while (true)
        {
            int start = text.IndexOf(open, at, StringComparison.Ordinal);
            int end = start < 0 ? -1 : text.IndexOf(close, start, StringComparison.Ordinal);
            if (end < 0) return output.Append(text, at, text.Length - at).ToString();
            output.Append(text, at, start - at);
            at = end + close.Length;
        }
    }
}
