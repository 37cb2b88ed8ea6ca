using System.Globalization;
using Microsoft.AspNetCore.Components;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Forms;

/// <summary>A choice of one of a few.</summary>
/// <typeparam name="T">Type of the options.</typeparam>
public sealed partial class SelectField<T>
{
    /// <summary>The field.</summary>
    [Parameter, EditorRequired] public required FormField Field { get; set; }

    /// <summary>What there is to choose from.</summary>
    [Parameter, EditorRequired] public required IReadOnlyList<T> Options { get; set; }

    /// <summary>Text of an option.</summary>
    [Parameter, EditorRequired] public required Func<T, string> Text { get; set; }

    /// <summary>The choice.</summary>
    [Parameter] public T? Value { get; set; }

    /// <summary>Raised at each choice.</summary>
    [Parameter] public EventCallback<T> ValueChanged { get; set; }

    /// <summary>What is wrong with the choice. Default: nothing.</summary>
    [Parameter] public string? Finding { get; set; }

    private bool IsChosen(T option) => EqualityComparer<T>.Default.Equals(option, Value);

    private Task ChooseAsync(ChangeEventArgs change)
    {
        Value = Options[int.Parse((string)change.Value!, CultureInfo.InvariantCulture)];
        return ValueChanged.InvokeAsync(Value);
    }
}
