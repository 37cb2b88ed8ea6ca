using System.Numerics;
using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Forms;

/// <summary>A number that is typed as text, so that what is not a number stays visible with its finding. Takes the browser's decimal separator and the point.</summary>
/// <typeparam name="T">Type of the number.</typeparam>
public sealed partial class NumberField<T>
    where T : struct, INumber<T>
{
    private string _text = "";
    private bool _begun;

    /// <summary>The field.</summary>
    [Parameter, EditorRequired] public required FormField Field { get; set; }

    /// <summary>The number; null while the text is not one.</summary>
    [Parameter] public T? Value { get; set; }

    /// <summary>Raised at each change of the text.</summary>
    [Parameter] public EventCallback<T?> ValueChanged { get; set; }

    /// <summary>What is wrong with the number. Default: nothing.</summary>
    [Parameter] public string? Finding { get; set; }

    protected override void OnParametersSet()
    {
        if (_begun && NumberInput.Parse<T>(_text) == Value)
            return;
        (_begun, _text) = (true, Value is { } value ? NumberInput.Format(value) : "");
    }

    private Task ReadAsync(string? text)
    {
        _text = text ?? "";
        Value = NumberInput.Parse<T>(_text);
        return ValueChanged.InvokeAsync(Value);
    }
}
