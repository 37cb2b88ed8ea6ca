using Studio.Core.Adapters;
using Studio.Core.Execution;

namespace Studio.Core.Clients;

/// <summary>Places for adapters on loaded base models.</summary>
public static class AdapterSites
{
    /// <summary>The place for adapters on a base model in this process, which shows its weights.</summary>
    public static AdapterSite AdapterSite(this BaseModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new AdapterSite
        {
            Modules = model.Model.Modules,
            Norms = model.Model.Norms,
            Base = new DirectBaseLayers(model.Layers),
            ComputeType = model.ComputeType,
            Device = model.Device,
        };
    }
}
