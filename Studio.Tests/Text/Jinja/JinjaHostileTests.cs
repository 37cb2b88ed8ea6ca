using Studio.Bench.Verify;
using Studio.Core.Text.Jinja;

namespace Studio.Tests.Text.Jinja;

/// <summary>Templates made to hang, to fill memory, to overflow the stack or to reach the host end in a clear error.</summary>
public sealed class JinjaHostileTests
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Fixtures");

    public static TheoryData<string> Names() => [.. HostileFile.ReadAll(Root).Where(file => File.Exists(PathOf(file.Name))).Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_HostileTemplate_EndsAsItMust(string name)
    {
        var file = HostileFile.ReadAll(Root).Single(candidate => candidate.Name == name);
        var outcome = HostileChild.Load(file, PathOf(name), HostileFile.Variables(Root));
        Assert.True(outcome.Clear, outcome.Error);
        Assert.Null(file.Objection(outcome));
    }

    public static TheoryData<string, string> Large() => new()
    {
        { "parentheses", "{{ " + new string('(', 20_000) + "1" + new string(')', 20_000) + " }}" },
        { "lists", "{{ " + new string('[', 20_000) + new string(']', 20_000) + " }}" },
        { "minus", "{{ " + new string('-', 30_000) + "1 }}" },
        { "not", "{{ " + string.Concat(Enumerable.Repeat("not ", 30_000)) + "1 }}" },
        { "ifs", string.Concat(Enumerable.Repeat("{% if 1 %}", 5_000)) },
        { "attributes", "{{ x" + string.Concat(Enumerable.Repeat(".a", 20_000)) + " }}" },
        { "filters", "{{ 'x'" + string.Concat(Enumerable.Repeat("|upper", 20_000)) + " }}" },
        { "sums", "{{ 1" + string.Concat(Enumerable.Repeat("+1", 60_000)) + " }}" },
        { "conditionals", "{{ " + string.Concat(Enumerable.Repeat("1 if 1 else ", 20_000)) + "1 }}" },
        { "braces", new string('{', 100_000) },
        { "tests", "{{ 1" + string.Concat(Enumerable.Repeat(" is odd", 10_000)) + " }}" },
        { "length", new string('x', 1_000_001) },
    };

    [Theory]
    [MemberData(nameof(Large))]
    public void Parse_DeeplyNestedTemplate_IsRefusedWithItsPlace(string what, string template)
    {
        var error = Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template).Render([]));
        Assert.True(error.Kind is JinjaErrorKind.Limit or JinjaErrorKind.Syntax, $"{what}: {error.Message}");
        Assert.Contains("line 1, column", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(100) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x == ns.x[:] }}")]
    [InlineData("{% set ns = namespace(x=1) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}")]
    [InlineData("{% set ns = namespace(x=1) %}{% for i in range(1000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x|tojson }}")]
    [InlineData("{% set ns = namespace(x=7) %}{% for i in range(100) %}{% set ns.x = ns.x * ns.x %}{% endfor %}")]
    [InlineData("{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}")]
    [InlineData("{% macro a(n) %}{{ a(n) }}{{ a(n) }}{% endmacro %}{{ a(1) }}")]
    [InlineData("{% for i in range(100000) %}{{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' }}{% endfor %}")]
    [InlineData("{{ '%1000000000d' % 5 }}")]
    [InlineData("{{ '%.1000000000f' % 5 }}")]
    [InlineData("{{ '{:1000000000}'.format(5) }}")]
    [InlineData("{{ 'a'.ljust(1000000000) }}")]
    [InlineData("{{ '\\t'.expandtabs(1000000000) }}")]
    [InlineData("{{ [1]|batch(1000000000, 0)|list }}")]
    [InlineData("{{ [1]|slice(1000000000)|list }}")]
    [InlineData("{{ [[]]|tojson(indent=100000000) }}")]
    [InlineData("{{ 2 ** 1000000000 }}")]
    [InlineData("{{ (10 ** 4000) * (10 ** 4000) }}")]
    [InlineData("{{ [0] * 1000000000 }}")]
    public void Render_Bomb_EndsInALimit(string template) =>
        Assert.Equal(JinjaErrorKind.Limit, Assert.Throws<JinjaException>(() => JinjaTemplate.Parse(template).Render([])).Kind);

    [Fact]
    public void Objection_RenderedWhereItMustFail_SaysSo()
    {
        var file = new HostileFile("templates/x.jinja", "templates", "limit", "must end", null);
        Assert.NotNull(file.Objection(new HostileOutcome { Loaded = true, Output = "text" }));
        Assert.Null(file.Objection(new HostileOutcome { Error = "limit" }));
        var tokenizer = file with { Class = null, Must = "error" };
        Assert.NotNull(tokenizer.Objection(new HostileOutcome { Loaded = true }));
    }

    private static string PathOf(string name) => Path.Combine(Root, HostileFile.Folder, name);
}
