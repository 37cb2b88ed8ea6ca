using Studio.Core.Adapters;
using Studio.Core.Execution;

namespace Studio.Core.Clients;

/// <summary>Places for adapters on loaded base models.</summary>
public static class AdapterSites
{
    /// <summary>The place for adapters on a base model in this process, which shows its weights.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="stateFiles">Paths of files for values and moments; null = they lie in memory.</param>
    public static AdapterSite AdapterSite(this BaseModel model, Func<string>? stateFiles = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new AdapterSite
        {
            Modules = model.Model.Modules,
            Norms = model.Model.Norms,
            Base = new DirectBaseLayers(model.Layers),
            ComputeType = model.ComputeType,
            Device = model.Device,
            StateFiles = stateFiles,
        };
    }
}
