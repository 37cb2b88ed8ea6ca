using Studio.Core.Models;
using Studio.Core.Models.Families;

namespace Studio.Tests.Support;

/// <summary>Modules of the reference models, read from their config.json alone.</summary>
internal static class FixtureModules
{
    public static ModuleMap Of(string name)
    {
        var config = ConfigReader.Open(Path.Combine(FixtureFolder.Model(name), "config.json"));
        var family = DecoderFamilies.For(config);
        return new ModuleMap(family.Read(config.WithDefaults(family.Defaults, family.Aliases)), family);
    }
}
