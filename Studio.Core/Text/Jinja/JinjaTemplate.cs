using System.Text.Json;
using Studio.Core.Text.Jinja.Syntax;

namespace Studio.Core.Text.Jinja;

/// <summary>
/// A chat template, rendered as Python's jinja2 does in the environment that transformers sets up for it (ImmutableSandboxedEnvironment,
/// trim_blocks, lstrip_blocks, loop controls, generation blocks, its tojson, raise_exception and strftime_now). Templates reach nothing but the
/// values they are given; what they use is bounded by <see cref="JinjaLimits"/>. Safe for concurrent use.
/// </summary>
public sealed class JinjaTemplate
{
    private readonly JinjaSource _source;
    private readonly IReadOnlyList<Statement> _body;
    private readonly JinjaLimits _limits;

    private JinjaTemplate(JinjaSource source, IReadOnlyList<Statement> body, JinjaLimits limits)
    {
        _source = source;
        _body = body;
        _limits = limits;
    }

    /// <summary>Whether the template marks what the assistant says.</summary>
    public bool HasGenerationBlocks { get; private init; }

    /// <summary>Reads a template.</summary>
    /// <param name="template">Its text.</param>
    /// <param name="limits">Bounds; null for the usual ones.</param>
    /// <exception cref="JinjaException">It is malformed or beyond a bound; the message names line and column.</exception>
    public static JinjaTemplate Parse(string template, JinjaLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(template);
        limits ??= JinjaLimits.Default;
        var source = new JinjaSource(template);
        if (template.Length > limits.TemplateLength)
            throw source.Error(JinjaErrorKind.Limit, $"the template has {template.Length} characters, more than {limits.TemplateLength}", 0);
        var parser = new StatementParser(source, limits);
        return new JinjaTemplate(source, parser.Parse(), limits) { HasGenerationBlocks = parser.FoundGeneration };
    }

    /// <summary>Renders the template.</summary>
    /// <param name="variables">The variables by name, as JSON values. Their texts count as foreign: see <see cref="JinjaInput"/> for finer origins.</param>
    /// <param name="now">What strftime_now sees; null for the present local time.</param>
    /// <exception cref="JinjaException">The template failed, raised an error itself, or reached a bound.</exception>
    public JinjaRendering Render(IEnumerable<KeyValuePair<string, JsonElement>> variables, DateTime? now = null)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var input = new JinjaInput();
        foreach (var (name, value) in variables) input.Set(name, value);
        return Render(input, now);
    }

    /// <summary>Renders the template.</summary>
    /// <param name="input">The variables.</param>
    /// <param name="now">What strftime_now sees; null for the present local time.</param>
    /// <exception cref="JinjaException">The template failed, raised an error itself, or reached a bound.</exception>
    public JinjaRendering Render(JinjaInput input, DateTime? now = null)
    {
        ArgumentNullException.ThrowIfNull(input);
        var run = new Evaluation(new Budget(_limits), input.Scope, now ?? DateTime.Now);
        try
        {
            run.Execute(_body);
            return new JinjaRendering(run.Output.ToText(), run.Spans);
        }
        catch (JinjaFault fault)
        {
            throw _source.Error(fault.Kind, fault.Message, run.At, fault);
        }
    }
}
