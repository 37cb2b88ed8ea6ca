using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Forms;

/// <summary>A text of one or several lines.</summary>
public sealed partial class TextField
{
    /// <summary>The field.</summary>
    [Parameter, EditorRequired] public required FormField Field { get; set; }

    /// <summary>The text.</summary>
    [Parameter] public string Value { get; set; } = "";

    /// <summary>Raised at each change of the text.</summary>
    [Parameter] public EventCallback<string> ValueChanged { get; set; }

    /// <summary>Lines that are seen at once; above 1 the text may have line breaks. Default: 1.</summary>
    [Parameter] public int Lines { get; set; } = 1;

    /// <summary>Most characters. Default: 120.</summary>
    [Parameter] public int MaxLength { get; set; } = 120;

    /// <summary>What stands in the empty field. Default: nothing.</summary>
    [Parameter] public string? Placeholder { get; set; }

    /// <summary>What is wrong with the text. Default: nothing.</summary>
    [Parameter] public string? Finding { get; set; }

    private string? FindingId => Finding is null ? null : Field.Id + "-finding";

    private Task SetAsync(string? text) => ValueChanged.InvokeAsync(Value = text ?? "");
}
