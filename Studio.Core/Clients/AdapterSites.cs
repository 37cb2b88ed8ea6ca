using Studio.Core.Adapters;
using Studio.Core.Execution;

namespace Studio.Core.Clients;

/// <summary>Places for adapters on loaded base models.</summary>
public static class AdapterSites
{
    /// <summary>The place for adapters on a base model in this process, which shows its weights: on the device of its clients.</summary>
    /// <param name="model">The base model.</param>
    /// <param name="stateFiles">Paths of files for values and moments; null = they lie in memory.</param>
    public static AdapterSite AdapterSite(this BaseModel model, Func<string>? stateFiles = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var client = model.ClientModel();
        return new AdapterSite
        {
            Modules = client.Modules,
            Norms = client.Norms,
            Base = model.Direct(client.Device),
            ComputeType = model.ComputeType,
            Device = client.Device,
            StateFiles = stateFiles,
        };
    }
}
