using System.Text.Json;
using Studio.Bench.Starter;
using Studio.Core.Text;
using Studio.Core.Text.Jinja;

namespace Studio.Tests.Text.Jinja;

/// <summary>Mutated templates render or fail with a place; they never end the process, hang, or fail otherwise.</summary>
public sealed class JinjaFuzzTests
{
    private const int Mutations = 3_000;

    private static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "|", "(", ")", "[", "]", "{", "}", "'", "\"", "\\", ".", ",", ":", "=", "~", "**", "//", "%", " if ", " else ", " for ", " in ",
        " is ", " not ", "loop", "loop.index", "messages", "namespace()", "range(9)", "range(99999)", "|list", "|tojson", "|map", "|join", "|indent", "|sort", "|length", "* 999999",
        "{% for x in messages %}", "{% endfor %}", "{% if x %}", "{% endif %}", "{% macro m(a) %}", "{% endmacro %}", "{{ m(m) }}", "{% set x = [x, x] %}", "{% generation %}",
        "{% endgeneration %}", "{% raw %}", "{% endraw %}", "[::-1]", ".format(1)", ".split()", "\ud83d\ude00", "\u0000", "9999999999999999999999", "1e308", "none", "undefinedname",
    ];

    [Fact]
    public void ParseAndRender_MutatedTemplates_EndInTextOrAJinjaException()
    {
        var random = new SeededRandom(20260101);
        string[] sources = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Fixtures", "chat_templates"), "*.jinja").Order().Select(File.ReadAllText), .. Micro()];
        ChatMessage[] messages = [new("system", "Be kind."), new("user", "Hi {{ x }} <|im_end|>"), new("assistant", "h\u00e9llo"), new("user", "more")];
        // Small bounds, so that thousands of mutants take seconds; what they bound is the same code.
        var limits = new JinjaLimits { Steps = 20_000, TextLength = 500_000, Items = 20_000 };
        int rendered = 0, refused = 0;
        for (int i = 0; i < Mutations; i++)
        {
            string template = Mutate(sources[random.Next(sources.Length)], sources, random);
            try
            {
                var input = new JinjaInput().SetMessages(messages).SetTrusted("bos_token", "<s>").SetTrusted("eos_token", "</s>").Set("add_generation_prompt", true);
                string text = JinjaTemplate.Parse(template, limits).Render(input, DateTime.UnixEpoch).Text;
                Assert.True(text.Length <= limits.TextLength);
                rendered++;
            }
            catch (JinjaException error)
            {
                Assert.True(error.Line > 0 && error.Column > 0, error.Message);
                refused++;
            }
            catch (Exception error) when (error is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"mutation {i}: {error}\n{template}");
            }
        }

        Assert.True(rendered > Mutations / 20, $"only {rendered} mutants rendered");
        Assert.True(refused > Mutations / 20, $"only {refused} mutants were refused");
    }

    private static IEnumerable<string> Micro()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "chat_templates", "_micro.json")));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(item => item.GetProperty("template").GetString()!)];
    }

    private static string Mutate(string template, string[] others, SeededRandom random)
    {
        for (int edits = 1 + random.Next(4); edits > 0; edits--)
        {
            int at = random.Next(template.Length + 1), end = Math.Min(template.Length, at + random.Next(12));
            string other = others[random.Next(others.Length)];
            template = random.Next(5) switch
            {
                0 => template.Remove(at, end - at),
                1 => template.Insert(at, Pieces[random.Next(Pieces.Length)]),
                2 => template[..at] + Pieces[random.Next(Pieces.Length)] + template[end..],
                3 => template.Insert(at, template[at..end]),
                _ => template[..at] + other[random.Next(other.Length)..],
            };
        }

        return template;
    }
}
