using System.Globalization;
using Studio.Core.Text.Jinja.Formatting;

namespace Studio.Core.Text.Jinja.Values;

/// <summary>The methods of Python's str.</summary>
internal static class StringMethods
{
    private delegate object Body(JinjaText text, Evaluation run, CallArguments arguments);

    private static readonly Dictionary<string, Body> All = new(StringComparer.Ordinal)
    {
        ["upper"] = Mapped("upper", CaseMapping.Upper),
        ["lower"] = Mapped("lower", CaseMapping.Lower),
        ["title"] = Mapped("title", CaseMapping.Title),
        ["capitalize"] = Mapped("capitalize", CaseMapping.Capitalize),
        ["swapcase"] = Mapped("swapcase", CaseMapping.SwapCase),
        ["casefold"] = Mapped("casefold", CaseMapping.Fold),
        ["strip"] = (text, run, arguments) => Strip(text, Characters("strip", arguments), true, true, run.Budget),
        ["lstrip"] = (text, run, arguments) => Strip(text, Characters("lstrip", arguments), true, false, run.Budget),
        ["rstrip"] = (text, run, arguments) => Strip(text, Characters("rstrip", arguments), false, true, run.Budget),
        ["removeprefix"] = (text, run, arguments) => StringSearch.RemoveEnd(text, Text("removeprefix", arguments), atStart: true),
        ["removesuffix"] = (text, run, arguments) => StringSearch.RemoveEnd(text, Text("removesuffix", arguments), atStart: false),
        ["replace"] = (text, run, arguments) =>
        {
            var bound = arguments.Bind("replace", ["old", "new", "count"], 2);
            return StringSearch.Replace(text, Text(bound[0]!), Text(bound[1]!), bound[2] is { } count ? Numbers.ToIndex(count) : -1, run.Budget);
        },
        ["split"] = (text, run, arguments) => StringSearch.Split(text, "split", arguments, fromRight: false, run.Budget),
        ["rsplit"] = (text, run, arguments) => StringSearch.Split(text, "rsplit", arguments, fromRight: true, run.Budget),
        ["splitlines"] = (text, run, arguments) =>
            StringSearch.Lines(text, arguments.Bind("splitlines", ["keepends"])[0] is { } keep && Comparison.IsTrue(keep), run.Budget),
        ["partition"] = (text, run, arguments) => StringSearch.Partition(text, Text("partition", arguments), fromRight: false),
        ["rpartition"] = (text, run, arguments) => StringSearch.Partition(text, Text("rpartition", arguments), fromRight: true),
        ["join"] = (text, run, arguments) => Join(text, arguments.Bind("join", ["iterable"], 1)[0]!, run.Budget),
        ["startswith"] = (text, run, arguments) => StringSearch.StartsOrEnds(text, "startswith", arguments, atStart: true, run.Budget),
        ["endswith"] = (text, run, arguments) => StringSearch.StartsOrEnds(text, "endswith", arguments, atStart: false, run.Budget),
        ["find"] = (text, run, arguments) => StringSearch.Find(text, "find", arguments, last: false, run.Budget) ?? -1L,
        ["rfind"] = (text, run, arguments) => StringSearch.Find(text, "rfind", arguments, last: true, run.Budget) ?? -1L,
        ["index"] = (text, run, arguments) => StringSearch.Find(text, "index", arguments, last: false, run.Budget) ?? throw JinjaFault.Value("substring not found"),
        ["rindex"] = (text, run, arguments) => StringSearch.Find(text, "rindex", arguments, last: true, run.Budget) ?? throw JinjaFault.Value("substring not found"),
        ["count"] = (text, run, arguments) => StringSearch.Count(text, arguments, run.Budget),
        ["center"] = (text, run, arguments) => Pad(text, "center", arguments, run.Budget),
        ["ljust"] = (text, run, arguments) => Pad(text, "ljust", arguments, run.Budget),
        ["rjust"] = (text, run, arguments) => Pad(text, "rjust", arguments, run.Budget),
        ["zfill"] = (text, run, arguments) => ZeroFill(text, Numbers.ToIndex(arguments.Bind("zfill", ["width"], 1)[0]!), run.Budget),
        ["expandtabs"] = (text, run, arguments) => ExpandTabs(text, arguments.Bind("expandtabs", ["tabsize"])[0] is { } size ? Numbers.ToIndex(size) : 8, run.Budget),
        ["format"] = (text, run, arguments) => BraceFormat.Format(run, text, arguments.Positional,
            name => arguments.Named.FirstOrDefault(argument => argument.Key == name).Value),
        ["format_map"] = (text, run, arguments) => arguments.Bind("format_map", ["mapping"], 1)[0] is JinjaDict dict
            ? BraceFormat.Format(run, text, [], name => dict.TryGet((JinjaText)name, out object? value) ? value : null)
            : throw JinjaFault.Type("format_map() needs a mapping"),
        ["isspace"] = Every(point => point <= 0xffff && CodePoints.IsSpace((char)point)),
        ["isalpha"] = Every(IsLetter),
        ["isalnum"] = Every(point => IsLetter(point) || IsNumeric(point)),
        ["isdecimal"] = Every(point => CodePoints.Category(point) == UnicodeCategory.DecimalDigitNumber),
        ["isdigit"] = Every(point => CharUnicodeInfo.GetDigitValue(CodePoints.Text(point), 0) >= 0),
        ["isnumeric"] = Every(IsNumeric),
        ["isascii"] = (text, run, arguments) => System.Text.Ascii.IsValid(text.Value),
        ["isprintable"] = (text, run, arguments) => Points(text, run).All(CodePoints.IsPrintable),
        ["isidentifier"] = (text, run, arguments) => text.Value.Length > 0 && !char.IsDigit(text.Value[0]) && Points(text, run).All(CodePoints.IsWord),
        ["islower"] = (text, run, arguments) => IsCase(text, run, CaseMapping.IsLower),
        ["isupper"] = (text, run, arguments) => IsCase(text, run, CaseMapping.IsUpper),
        ["istitle"] = (text, run, arguments) => IsTitle(text, run),
        ["encode"] = (text, run, arguments) => throw JinjaFault.Type("str.encode is not available: bytes are not supported"),
        ["translate"] = (text, run, arguments) => throw JinjaFault.Type("str.translate is not supported"),
        ["maketrans"] = (text, run, arguments) => throw JinjaFault.Type("str.maketrans is not supported"),
    };

    public static JinjaFunction? Find(JinjaText text, string name) => All.TryGetValue(name, out var body)
        ? new JinjaFunction(name, (run, arguments) =>
        {
            run.Budget.Scan(text.Value.Length);
            return body(text, run, arguments);
        }, "built-in method")
        : null;

    /// <summary>Without characters at its ends; without white space where none are given.</summary>
    public static JinjaText Strip(JinjaText text, string? characters, bool left, bool right, Budget budget)
    {
        budget.Scan(text.Value.Length * (1L + (characters?.Length ?? 0)));
        string value = text.Value;
        bool Removed(int at, int width) => characters is null ? CodePoints.IsSpace(value[at])
            : characters.Contains(value.Substring(at, width), StringComparison.Ordinal);
        int start = 0, end = value.Length;
        while (left && start < end && Removed(start, CodePoints.Width(value, start))) start += CodePoints.Width(value, start);
        while (right && end > start)
        {
            int width = end - start >= 2 && char.IsSurrogatePair(value[end - 2], value[end - 1]) ? 2 : 1;
            if (!Removed(end - width, width)) break;
            end -= width;
        }

        budget.Characters(end - start);
        return text.Slice(start, end);
    }

    public static bool IsCase(JinjaText text, Evaluation run, Func<int, bool> wanted)
    {
        bool any = false;
        foreach (int point in Points(text, run))
        {
            if (!CaseMapping.IsCased(point)) continue;
            if (!wanted(point)) return false;
            any = true;
        }

        return any;
    }

    private static JinjaText Join(JinjaText separator, object items, Budget budget)
    {
        var buffer = new TextBuffer(budget);
        int count = 0;
        foreach (object item in Iteration.Over(items, budget))
        {
            if (item is not JinjaText text) throw JinjaFault.Type($"sequence item {count}: expected str instance, {TypeNames.Of(item)} found");
            if (count++ > 0) buffer.Append(separator);
            buffer.Append(text);
        }

        return buffer.ToText(separator.IsMarkup);
    }

    private static JinjaText Pad(JinjaText text, string name, CallArguments arguments, Budget budget)
    {
        var bound = arguments.Bind(name, ["width", "fillchar"], 1);
        var fill = bound[1] is { } given ? Text(given) : " ";
        if (fill.Length != 1) throw JinjaFault.Type("The fill character must be exactly one character long");
        return Padding.Apply(text, Numbers.ToIndex(bound[0]!), fill, name, budget);
    }

    private static JinjaText ZeroFill(JinjaText text, int width, Budget budget)
    {
        int missing = width - text.Length;
        if (missing <= 0) return text;
        int sign = text.Value.Length > 0 && text.Value[0] is '+' or '-' ? 1 : 0;
        return Padding.Repeat(new TextBuffer(budget).Append(text.Slice(0, sign)), "0", missing, budget).Append(text.Slice(sign, text.Value.Length)).ToText(text.IsMarkup);
    }

    private static JinjaText ExpandTabs(JinjaText text, int size, Budget budget)
    {
        var buffer = new TextBuffer(budget);
        int column = 0;
        foreach (var point in CodePoints.Split(text))
        {
            if (point.Value == "\t")
            {
                int blanks = size <= 0 ? 0 : size - column % size;
                Padding.Repeat(buffer, " ", blanks, budget);
                column += blanks;
                continue;
            }

            buffer.Append(point);
            column = point.Value is "\n" or "\r" ? 0 : column + 1;
        }

        return buffer.ToText(text.IsMarkup);
    }

    private static bool IsTitle(JinjaText text, Evaluation run)
    {
        bool any = false, inside = false;
        foreach (int point in Points(text, run))
        {
            if (CaseMapping.IsLower(point) ? !inside : CaseMapping.IsCased(point) && inside) return false;
            inside = CaseMapping.IsCased(point);
            any |= inside;
        }

        return any;
    }

    private static Body Mapped(string name, Func<string, string> map) => (text, run, arguments) =>
    {
        arguments.Bind(name, []);
        run.Budget.Characters(text.Value.Length * 2L);
        run.Budget.Step(text.Value.Length >> 2);
        return text.Derive(map(text.Value));
    };

    private static Body Every(Func<int, bool> test) => (text, run, arguments) => text.Value.Length > 0 && Points(text, run).All(test);

    private static IEnumerable<int> Points(JinjaText text, Evaluation run)
    {
        run.Budget.Step(text.Value.Length >> 2);
        for (int at = 0; at < text.Value.Length; at += CodePoints.Width(text.Value, at)) yield return CodePoints.At(text.Value, at);
    }

    private static bool IsLetter(int point) => CodePoints.Category(point) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
        or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;

    private static bool IsNumeric(int point) => CharUnicodeInfo.GetNumericValue(CodePoints.Text(point), 0) >= 0 ||
        CodePoints.Category(point) is UnicodeCategory.LetterNumber or UnicodeCategory.DecimalDigitNumber;

    private static string? Characters(string name, CallArguments arguments) =>
        arguments.Bind(name, ["chars"])[0] is { } given and not JinjaNone ? Text(given).Value : null;

    private static JinjaText Text(string name, CallArguments arguments) => Text(arguments.Bind(name, ["value"], 1)[0]!);

    private static JinjaText Text(object value) => value switch
    {
        JinjaText text => text,
        JinjaUndefined undefined => throw JinjaFault.Type(undefined.Fault().Message),
        _ => throw JinjaFault.Type($"expected str, not {TypeNames.Of(value)}"),
    };
}
