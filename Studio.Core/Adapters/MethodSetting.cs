using System.Text.Json.Nodes;
using Studio.Core.Models;

namespace Studio.Core.Adapters;

/// <summary>How a setting is entered.</summary>
public enum SettingKind
{
    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A number.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    Flag,

    /// <summary>One of a few words.</summary>
    Choice,

    /// <summary>Free text.</summary>
    Text,
}

/// <summary>A setting as people see it on a form.</summary>
/// <param name="Label">Its name.</param>
/// <param name="Help">What it does and which values make sense.</param>
/// <param name="Kind">How it is entered.</param>
/// <param name="Get">Its value: int, double, bool or string by kind; null for none.</param>
/// <param name="With">The settings with another value of the same type.</param>
public sealed record SettingField(string Label, string Help, SettingKind Kind, Func<AdapterSpec, object?> Get, Func<AdapterSpec, object?, AdapterSpec> With)
{
    /// <summary>Words to choose from.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Whether most people never need it.</summary>
    public bool Advanced { get; init; }
}

/// <summary>
/// One setting of a method: how it reads and writes in PEFT's adapter_config.json, which values it takes, and how a form shows it. Methods declare a
/// list of them with <see cref="MethodSettings{TSpec}"/>.
/// </summary>
public sealed record MethodSetting
{
    /// <summary>PEFT's key, or null for settings of the studio alone.</summary>
    public string? Key { get; init; }

    /// <summary>The settings with what a config says.</summary>
    public Func<ConfigReader, AdapterSpec, AdapterSpec> Read { get; init; } = (_, spec) => spec;

    /// <summary>What stands in the config under <see cref="Key"/>.</summary>
    public Func<AdapterSpec, JsonNode?> Write { get; init; } = _ => null;

    /// <summary>Whether it stands in the config; settings that PEFT does not have are left out unless they matter.</summary>
    public Func<AdapterSpec, bool> IsWritten { get; init; } = _ => true;

    /// <summary>What stands there where it depends on the name or path of the base model; null = <see cref="Write"/>.</summary>
    public Func<AdapterSpec, string, JsonNode?>? WriteFor { get; init; }

    /// <summary>What is wrong with the value, one sentence each.</summary>
    public Func<AdapterSpec, IEnumerable<string>> Problems { get; init; } = _ => [];

    /// <summary>The form's field, or null where it is not asked for.</summary>
    public SettingField? Field { get; init; }
}
