using System.Text.Json.Nodes;
using Studio.Core.Models;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Core.Adapters;

/// <summary>One registered method: how to build it and how its settings read and write in PEFT's adapter_config.json.</summary>
/// <param name="Name">Our name, for example <c>lora</c>.</param>
/// <param name="PeftType">PEFT's name, for example <c>LORA</c>.</param>
/// <param name="Title">Name for people.</param>
/// <param name="Build">Settings and modules to an adapter without values.</param>
/// <param name="Shapes">Settings and modules to the names and shapes of the trainable tensors.</param>
/// <param name="ReadConfig">adapter_config.json to settings; refuses what it cannot honour.</param>
/// <param name="WriteConfig">Settings into adapter_config.json.</param>
public sealed record AdapterMethod(
    string Name,
    string PeftType,
    string Title,
    Func<AdapterSpec, ModuleMap, Device, IAdapter> Build,
    Func<AdapterSpec, ModuleMap, IReadOnlyList<FlatEntry>> Shapes,
    Func<ConfigReader, AdapterSpec> ReadConfig,
    Action<AdapterSpec, JsonObject> WriteConfig);

/// <summary>All methods. A new method is a new file and one line here.</summary>
public static class AdapterMethods
{
    /// <summary>The registered methods.</summary>
    public static IReadOnlyList<AdapterMethod> All { get; } =
    [
        new(LoraSpec.MethodName, "LORA", "LoRA", (spec, modules, device) => new LoraAdapter((LoraSpec)spec, modules, device),
            (spec, modules) => LoraAdapter.Shapes((LoraSpec)spec, modules), LoraConfigFile.Read, LoraConfigFile.Write),
    ];

    /// <summary>A method by name.</summary>
    /// <exception cref="NotSupportedException">No such method.</exception>
    public static AdapterMethod Named(string name) =>
        All.FirstOrDefault(method => method.Name == name) ?? throw new NotSupportedException($"The adapter method '{name}' is not supported; supported are {string.Join(", ", All.Select(m => m.Name))}.");

    /// <summary>A method by PEFT's name.</summary>
    /// <exception cref="NotSupportedException">No such method.</exception>
    public static AdapterMethod ForPeftType(string peftType) =>
        All.FirstOrDefault(method => method.PeftType == peftType) ?? throw new NotSupportedException($"The PEFT type '{peftType}' is not supported; supported are {string.Join(", ", All.Select(m => m.PeftType))}.");

    /// <summary>Builds an adapter without values.</summary>
    public static IAdapter Build(AdapterSpec spec, ModuleMap modules, Device device)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Named(spec.Method).Build(spec, modules, device);
    }

    /// <summary>Number of trainable parameters that settings give on a model, without building anything.</summary>
    /// <exception cref="ArgumentException">The settings do not fit the model; the message says which and what is expected.</exception>
    public static long CountParameters(AdapterSpec spec, ModuleMap modules)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Named(spec.Method).Shapes(spec, modules).Sum(entry => entry.Count);
    }
}
