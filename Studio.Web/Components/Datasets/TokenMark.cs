using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Studio.Core.Serving;

namespace Studio.Web.Components.Datasets;

/// <summary>One token of a preview. Written without markup: a line break in a template would show among the tokens.</summary>
public sealed class TokenMark : ComponentBase
{
    /// <summary>The token.</summary>
    [Parameter, EditorRequired] public required TokenSpan Token { get; set; }

    /// <summary>Whether training would cut it off.</summary>
    [Parameter] public bool Cut { get; set; }

    private string Kind => (Cut ? "beyond the longest row" : Token.Trained ? "trained" : "context") + (Token.Special ? ", special" : "");

    // A line break keeps its place and becomes visible; part of a character has no text of its own.
    private string Text => Token.Text.Length == 0 ? "◌" : Token.Text.Replace("\n", "↵\n", StringComparison.Ordinal);

    private string Class => "studio-token"
        + (Token.Trained ? " studio-token-trained" : "")
        + (Token.Special ? " studio-token-special" : "")
        + (Cut ? " studio-token-cut" : "");

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.OpenElement(0, "span");
        builder.AddAttribute(1, "class", Class);
        builder.AddAttribute(2, "title", string.Create(CultureInfo.InvariantCulture, $"Token {Token.Id}, {Kind}"));
        builder.AddAttribute(3, "data-testid", "preview-token");
        builder.AddAttribute(4, "data-trained", Token.Trained && !Cut ? "true" : "false");
        builder.AddContent(5, Text);
        builder.CloseElement();
    }
}
