using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Adapters;

/// <summary>The input of one setting of a method, by its kind.</summary>
public sealed partial class SettingEditor
{
    /// <summary>The form that holds the settings.</summary>
    [Parameter, EditorRequired] public required AdapterForm Form { get; set; }

    /// <summary>The setting.</summary>
    [Parameter, EditorRequired] public required SettingInput Input { get; set; }

    /// <summary>What is wrong with its value. Default: nothing.</summary>
    [Parameter] public string? Finding { get; set; }

    /// <summary>Raised after each change.</summary>
    [Parameter] public EventCallback OnChanged { get; set; }

    private string Text => Form.TextOf(Input.Setting);

    private Task SetAsync(object? value)
    {
        Form.Set(Input.Setting, value);
        return OnChanged.InvokeAsync();
    }

    private Task ReadAsync(string? text)
    {
        Form.Read(Input.Setting, text ?? "");
        return OnChanged.InvokeAsync();
    }
}
