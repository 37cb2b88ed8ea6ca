using Microsoft.AspNetCore.Components;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Web.Adapters;
using Studio.Web.FineTunes;

namespace Studio.Web.Components.Adapters;

/// <summary>Name, tags and notes of an adapter. What is being edited is not overwritten by changes from elsewhere.</summary>
public sealed partial class AdapterEditor
{
    private static readonly FormField NameField = new("adapter-name", "Name", "What the adapter is called in lists and panes.");
    private static readonly FormField TagsField = new("adapter-tags", "Tags", "Words to find it by, parted by commas.");
    private static readonly FormField NotesField = new("adapter-notes", "Notes", "What it is for, what worked, what did not.");

    private AdapterRecord? _stored;
    private string _name = "";
    private string _tags = "";
    private string _notes = "";
    private Refusal? _failure;
    private bool _saving;
    private bool _saved;

    /// <summary>The adapter as it is stored.</summary>
    [Parameter, EditorRequired] public required AdapterRecord Adapter { get; set; }

    [Inject] public required IAdapterService Adapters { get; init; }

    private bool IsChanged => _stored is { } stored && (_name.Trim() != stored.Name || _notes != stored.Notes || !AdapterText.TagsOf(_tags).SequenceEqual(stored.Tags));

    protected override void OnParametersSet()
    {
        if (ReferenceEquals(_stored, Adapter))
            return;
        if (IsChanged)
            _stored = Adapter;
        else
            Show(Adapter);
    }

    private void Show(AdapterRecord adapter) => (_stored, _name, _tags, _notes) = (adapter, adapter.Name, string.Join(", ", adapter.Tags), adapter.Notes);

    private async Task SaveAsync()
    {
        if (_saving || !IsChanged || string.IsNullOrWhiteSpace(_name))
            return;
        (_saving, _failure) = (true, null);
        try
        {
            Show(await Adapters.UpdateAsync(Adapter.Id, _name.Trim(), AdapterText.TagsOf(_tags), _notes));
            _saved = true;
        }
        catch (Exception exception) when (Refusal.Of(exception) is { } refusal)
        {
            _failure = refusal;
        }
        finally
        {
            _saving = false;
        }
    }
}
