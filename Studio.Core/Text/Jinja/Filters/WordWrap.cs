using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Filters;

/// <summary>The wordwrap filter: Python's textwrap over each line.</summary>
internal static class WordWrap
{
    public static object Apply(Evaluation run, object value, CallArguments arguments)
    {
        var bound = arguments.Bind("wordwrap", ["width", "break_long_words", "wrapstring", "break_on_hyphens"]);
        int width = Numbers.ToIndex(bound[0] ?? 79L);
        if (width <= 0) throw JinjaFault.Value($"invalid width {width} (must be > 0)");
        bool breakLong = bound[1] is not { } b || Comparison.IsTrue(b), hyphens = bound[3] is not { } h || Comparison.IsTrue(h);
        var separator = bound[2] as JinjaText ?? "\n";
        if (value is JinjaUndefined undefined) throw undefined.Fault();
        var text = value as JinjaText ?? throw JinjaFault.Type($"'{TypeNames.Of(value)}' object has no attribute 'splitlines'");
        var output = new TextBuffer(run.Budget);
        bool first = true;
        foreach (var line in StringSearch.Lines(text, false, run.Budget).Items)
        {
            if (!first) output.Append(separator);
            first = false;
            bool start = true;
            foreach (var part in Wrap(((JinjaText)line).Value, width, breakLong, hyphens, run.Budget))
            {
                if (!start) output.Append(separator);
                output.Append(part, ((JinjaText)line).Blended);
                start = false;
            }
        }

        return output.ToText();
    }

    private static IEnumerable<string> Wrap(string line, int width, bool breakLong, bool hyphens, Budget budget)
    {
        var chunks = new Queue<string>(Chunks(line, hyphens));
        budget.Items(chunks.Count);
        bool any = false;
        string rest = "";
        while (chunks.Count > 0 || rest.Length > 0)
        {
            budget.Step();
            var current = new System.Text.StringBuilder();
            string Peek() => rest.Length > 0 ? rest : chunks.Peek();
            void Take()
            {
                if (rest.Length > 0) rest = "";
                else chunks.Dequeue();
            }

            if (any && string.IsNullOrWhiteSpace(Peek())) Take();
            while ((rest.Length > 0 || chunks.Count > 0) && current.Length + Peek().Length <= width)
            {
                current.Append(Peek());
                Take();
            }

            if ((rest.Length > 0 || chunks.Count > 0) && Peek().Length > width && (breakLong || current.Length == 0))
            {
                string word = Peek();
                Take();
                int room = breakLong ? Math.Max(1, width - current.Length) : word.Length;
                if (breakLong && current.Length >= width) rest = word;
                else
                {
                    current.Append(word, 0, room);
                    rest = word[room..];
                }
            }

            string text = current.ToString();
            if (text.Length > 0 && text[^1] == ' ') text = text.TrimEnd(' ');
            if (text.Length == 0) continue;
            any = true;
            yield return text;
        }
    }

    /// <summary>Words, blanks, and, where words may break at hyphens, their parts.</summary>
    private static IEnumerable<string> Chunks(string line, bool hyphens)
    {
        for (int at = 0; at < line.Length;)
        {
            int start = at;
            bool blank = CodePoints.IsSpace(line[at]);
            while (at < line.Length && CodePoints.IsSpace(line[at]) == blank)
            {
                at++;
                if (hyphens && !blank && at - start > 2 && at < line.Length && line[at - 1] == '-' && char.IsLetter(line[at - 2]) && char.IsLetter(line[at])) break;
            }

            yield return line[start..at];
        }
    }
}
