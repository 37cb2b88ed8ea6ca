using Microsoft.AspNetCore.Components;
using Studio.Core;
using Studio.Core.Serving;
using Studio.Web.Live;

namespace Studio.Web.Components.Models;

/// <summary>Models on their way into memory: how far each is, and a way to give it up. Only looks: loading goes on without it.</summary>
public sealed partial class LoadingList
{
    /// <summary>Shows only what is loaded from this folder. Default: everything.</summary>
    [Parameter] public string? Folder { get; set; }

    [Inject] public required IModelService Models { get; init; }

    private IEnumerable<ModelLoading> Shown => Models.Loading.Where(loading => Folder is null || loading.Folder == Folder);

    protected override void OnInitialized() => Watch(LiveSources.Event((Action handler) => Models.Changed += handler, handler => Models.Changed -= handler));

    private static int Percent(ModelLoading loading) => (int)Math.Clamp(loading.Progress * 100, 0, 100);

    private void Cancel(string id)
    {
        try
        {
            Models.CancelLoading(id);
        }
        catch (NotFoundException)
        {
            // It has ended meanwhile: the next signal shows so.
        }
    }
}
