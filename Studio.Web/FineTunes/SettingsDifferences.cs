namespace Studio.Web.FineTunes;

/// <summary>A setting that is not the same in all compared runs.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Values">One value a run, in their order; empty where a run has no such setting.</param>
public sealed record SettingsDifference(string Label, IReadOnlyList<string> Values);

/// <summary>Finds what differs between runs.</summary>
public static class SettingsDifferences
{
    /// <summary>Settings with more than one value, in the order of the first run that has them.</summary>
    /// <param name="runs">Settings of each run.</param>
    public static IReadOnlyList<SettingsDifference> Of(IReadOnlyList<IReadOnlyList<RunSetting>> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var keys = runs.SelectMany(settings => settings).Select(setting => (setting.Group, setting.Label)).Distinct();
        return
        [
            .. from key in keys
               let values = runs.Select(settings => settings.FirstOrDefault(setting => (setting.Group, setting.Label) == key)?.Value ?? "").ToArray()
               where values.Distinct(StringComparer.Ordinal).Skip(1).Any()
               select new SettingsDifference(key.Label, values),
        ];
    }
}
