using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Studio.Core.Adapters;

namespace Studio.Web.Api;

/// <summary>How the API and the hub write and read JSON: camelCase, enums as words, and nothing misread in silence.</summary>
public static class ApiJson
{
    /// <summary>Applies the rules. Unknown and repeated members, numbers in quotes and null where a value is needed are refused.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.AllowOutOfOrderMetadataProperties = true;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new TargetSelectionConverter());
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(AdapterSpecJson.AddMethods).WithAddedModifier(WithoutOwnMethod);
    }

    /// <summary>A number as JSON can carry it: null where it is not finite.</summary>
    public static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;

    // An adapter's settings say their method as the member that chooses their type; the property of that name would be a second one.
    private static void WithoutOwnMethod(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || !type.Type.IsAssignableTo(typeof(AdapterSpec))) return;
        string name = JsonNamingPolicy.CamelCase.ConvertName(nameof(AdapterSpec.Method));
        for (int i = type.Properties.Count - 1; i >= 0; i--)
        {
            if (type.Properties[i].Name == name) type.Properties.RemoveAt(i);
        }
    }
}
