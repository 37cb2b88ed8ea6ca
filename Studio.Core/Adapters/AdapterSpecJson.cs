using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Studio.Core.Adapters;

/// <summary>Adapter settings as JSON: the member <c>method</c> says whose they are. What is registered in <see cref="AdapterMethods"/> is known here.</summary>
public static class AdapterSpecJson
{
    /// <summary>Name of the member that says the method.</summary>
    public const string Discriminator = "method";

    private static readonly JsonSerializerOptions Options = new() { TypeInfoResolver = new DefaultJsonTypeInfoResolver().WithAddedModifier(AddMethods) };

    /// <summary>Settings as they are stored.</summary>
    public static string Write(AdapterSpec spec) => JsonSerializer.Serialize(spec, Options);

    /// <summary>Stored settings.</summary>
    /// <exception cref="JsonException">Not the JSON of settings, or of a method that this version does not know.</exception>
    /// <exception cref="NotSupportedException">The JSON names no method.</exception>
    public static AdapterSpec Read(string json) => JsonSerializer.Deserialize<AdapterSpec>(json, Options) ?? throw new JsonException("The settings are null; expected an object.");

    /// <summary>Makes other options read and write settings of every method; a modifier of their type information.</summary>
    public static void AddMethods(JsonTypeInfo type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type.Type != typeof(AdapterSpec)) return;
        type.PolymorphismOptions = new JsonPolymorphismOptions { TypeDiscriminatorPropertyName = Discriminator };
        foreach (var method in AdapterMethods.All) type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(method.Defaults.GetType(), method.Name));
    }
}
