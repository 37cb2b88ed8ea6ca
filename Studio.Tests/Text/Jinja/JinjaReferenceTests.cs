using Studio.Bench.Verify;

namespace Studio.Tests.Text.Jinja;

/// <summary>Every rendering of the fixtures, which jinja2 3.1.6 made in transformers' environment.</summary>
public sealed class JinjaReferenceTests
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "Fixtures");

    public static TheoryData<string> Names() => [.. TemplateVerifier.Names(Root)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Render_EveryReferenceCase_IsEqual(string name)
    {
        var verdict = TemplateVerifier.Verify(Root, name);
        Assert.True(verdict.Passed, verdict.Detail);
    }

    [Fact]
    public void Names_Fixtures_HoldTemplatesMicroAndPythonOnly()
    {
        var names = TemplateVerifier.Names(Root).ToList();
        Assert.Contains("llama31_tools", names);
        Assert.Contains("_micro", names);
        Assert.Contains("chat_templates_python_only", names);
        Assert.Contains("chat_templates_disagreements", names);
        Assert.True(names.Count >= 32);
    }

    [Fact]
    public void Verify_WrongExpectation_FailsWithTheFirstDifference()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var templates = folder.CreateSubdirectory("chat_templates");
            File.WriteAllText(Path.Combine(templates.FullName, "x.jinja"), "a{{ messages[0].content }}c");
            File.WriteAllText(Path.Combine(templates.FullName, "x.json"),
                """{"bos_token": "<s>", "now": "2024-01-01T00:00:00", "cases": [{"name": "one", "messages": [{"role": "user", "content": "b"}], "kwargs": {}, "expected": "abd"}]}""");
            var verdict = TemplateVerifier.Verify(folder.FullName, "x");
            Assert.False(verdict.Passed);
            Assert.Contains("one: at character 2 of 3: expected \"d\", found \"c\"", verdict.Detail, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
