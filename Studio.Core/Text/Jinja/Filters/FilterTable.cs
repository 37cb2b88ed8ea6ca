using System.Collections.Frozen;
using Studio.Core.Text.Jinja.Values;

namespace Studio.Core.Text.Jinja.Filters;

/// <summary>A filter: a function of the value before the bar and the arguments behind the name.</summary>
internal delegate object Filter(Evaluation run, object value, CallArguments arguments);

/// <summary>The filters of jinja2 3.1 with transformers' tojson.</summary>
internal static class FilterTable
{
    private static readonly FrozenDictionary<string, Filter> All = new Dictionary<string, Filter>(StringComparer.Ordinal)
    {
        ["abs"] = NumberFilters.Abs,
        ["attr"] = SequenceFilters.Attr,
        ["batch"] = GroupFilters.Batch,
        ["capitalize"] = TextFilters.Capitalize,
        ["center"] = TextFilters.Center,
        ["count"] = SequenceFilters.Length,
        ["d"] = SequenceFilters.Default,
        ["default"] = SequenceFilters.Default,
        ["dictsort"] = GroupFilters.DictSort,
        ["e"] = HtmlFilters.Escape,
        ["escape"] = HtmlFilters.Escape,
        ["filesizeformat"] = NumberFilters.FileSize,
        ["first"] = SequenceFilters.First,
        ["float"] = NumberFilters.Float,
        ["forceescape"] = HtmlFilters.ForceEscape,
        ["format"] = TextFilters.Format,
        ["groupby"] = GroupFilters.GroupBy,
        ["indent"] = TextFilters.Indent,
        ["int"] = NumberFilters.Int,
        ["items"] = SequenceFilters.Items,
        ["join"] = SequenceFilters.Join,
        ["last"] = SequenceFilters.Last,
        ["length"] = SequenceFilters.Length,
        ["list"] = SequenceFilters.List,
        ["lower"] = TextFilters.Lower,
        ["map"] = SelectFilters.Map,
        ["max"] = GroupFilters.Max,
        ["min"] = GroupFilters.Min,
        ["pprint"] = TextFilters.PrettyPrint,
        ["random"] = (_, _, _) => throw JinjaFault.Type("the filter 'random' is not available: a chat template must render the same text every time"),
        ["reject"] = SelectFilters.Reject,
        ["rejectattr"] = SelectFilters.RejectAttr,
        ["replace"] = TextFilters.Replace,
        ["reverse"] = SequenceFilters.Reverse,
        ["round"] = NumberFilters.Round,
        ["safe"] = HtmlFilters.Safe,
        ["select"] = SelectFilters.Select,
        ["selectattr"] = SelectFilters.SelectAttr,
        ["slice"] = GroupFilters.Slice,
        ["sort"] = GroupFilters.Sort,
        ["string"] = (run, value, arguments) => PythonText.Str(value, run.Budget),
        ["striptags"] = HtmlFilters.StripTags,
        ["sum"] = GroupFilters.Sum,
        ["title"] = TextFilters.Title,
        ["tojson"] = JsonFilter.ToJson,
        ["trim"] = TextFilters.Trim,
        ["truncate"] = TextFilters.Truncate,
        ["unique"] = GroupFilters.Unique,
        ["upper"] = TextFilters.Upper,
        ["urlencode"] = HtmlFilters.UrlEncode,
        ["urlize"] = (_, _, _) => throw JinjaFault.Type("the filter 'urlize' is not available in chat templates"),
        ["wordcount"] = TextFilters.WordCount,
        ["wordwrap"] = WordWrap.Apply,
        ["xmlattr"] = HtmlFilters.XmlAttributes,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static Filter? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>str() of a value that a text filter works on.</summary>
    public static JinjaText Text(Evaluation run, object value)
    {
        var text = PythonText.Str(value, run.Budget);
        run.Budget.Scan(text.Value.Length);
        return text;
    }
}
