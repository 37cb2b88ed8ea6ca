using Studio.Core.Adapters.Methods;
using Studio.Core.Models;
using Studio.Core.Tensors;

namespace Studio.Core.Adapters;

/// <summary>What any method's settings can ask to be trained beside it: whole modules, biases, rows of the embedding, projections of experts.</summary>
internal static class TrainedBeside
{
    public static IEnumerable<FlatEntry> Entries(AdapterSpec spec, ModuleMap modules) =>
        [.. SavedModules.Entries(spec, modules), .. Biases.Entries(spec, modules), .. TokenRows.Entries(TokenRows.Beside(spec, modules)),
            .. ExpertLora.Entries(spec, modules)];

    public static IEnumerable<IAdapter> Create(AdapterSpec spec, AdapterSite site, FlatParameters parameters)
    {
        if (SavedModules.Entries(spec, site.Modules).Count > 0) yield return new SavedModules(spec, site, parameters);
        if (Biases.Entries(spec, site.Modules).Count > 0) yield return new Biases(spec, site, parameters);
        if (TokenRows.Beside(spec, site.Modules) is { Count: > 0 } places) yield return new TokenRows(spec, site, parameters, places);
        if (spec is LoraSpec lora && ExpertLora.Entries(spec, site.Modules).Count > 0) yield return new ExpertLora(lora, site, parameters);
    }
}
