using System.Reflection;
using Studio.Core;
using Studio.Core.Models;

namespace Studio.Tests.Rules;

/// <summary>The direction of use of docs/architecture.md, read from the compiled engine.</summary>
public sealed class LayeringTests
{
    // What each room may use besides itself. Every room may use the types of the root namespace.
    private static readonly Dictionary<string, string[]> MayUse = new(StringComparer.Ordinal)
    {
        ["Tensors"] = [],
        ["Models"] = ["Tensors"],
        ["Execution"] = ["Models", "Tensors"],
        ["Adapters"] = ["Models", "Tensors"],
        ["Clients"] = ["Adapters", "Execution", "Models", "Tensors"],
        ["Text"] = [],
        ["Data"] = ["Text"],
        ["Telemetry"] = [],
        ["Storage"] = [],
        ["Hub"] = ["Storage", "Telemetry"],
        ["Training"] = ["Clients", "Adapters", "Execution", "Models", "Tensors", "Text", "Data", "Telemetry"],
        ["Generation"] = ["Clients", "Adapters", "Execution", "Models", "Tensors", "Text", "Data", "Telemetry"],
        ["Runs"] = ["Training", "Generation", "Clients", "Adapters", "Execution", "Models", "Tensors", "Text", "Data", "Telemetry", "Storage"],
        ["Serving"] = ["Runs", "Training", "Generation", "Clients", "Adapters", "Execution", "Models", "Tensors", "Text", "Data", "Telemetry", "Storage", "Hub"],
    };

    // Adapters see the model through its seams: not its forward, its files or its caches.
    private static readonly Type[] BehindTheSeams = [typeof(DecoderModel), typeof(Checkpoint), typeof(KeyValueCache), typeof(SequenceBatch)];

    private static readonly Assembly Engine = typeof(StudioException).Assembly;

    [Fact]
    public void Rooms_OfTheEngine_AreAllInTheTable()
    {
        Assert.Equal(MayUse.Keys.Order(StringComparer.Ordinal), Engine.GetTypes().Select(Room).OfType<string>().Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rooms_OfTheEngine_UseOnlyWhatTheyMay() => Assert.Empty(Engine.GetTypes().SelectMany(type => Violations(type, Room(type))).Distinct().Order());

    [Fact]
    public void Adapters_OfTheEngine_UseOnlyTheSeamsOfModels() =>
        Assert.Empty(Engine.GetTypes().Where(type => Room(type) == "Adapters").SelectMany(TypeReferences.Of).Intersect(BehindTheSeams));

    [Theory]
    [InlineData("Storage", "TorchSharp")]
    [InlineData("Telemetry", "TorchSharp")]
    [InlineData("Telemetry", "LiteDB")]
    [InlineData("Text", "TorchSharp")]
    [InlineData("Data", "TorchSharp")]
    [InlineData("Tensors", "LiteDB")]
    [InlineData("Models", "LiteDB")]
    [InlineData("Execution", "LiteDB")]
    public void Room_OfTheEngine_DoesNotUseALibrary(string room, string library)
    {
        var types = Engine.GetTypes().Where(type => Room(type) == room).ToList();
        Assert.NotEmpty(types);
        Assert.Empty(types.SelectMany(type => TypeReferences.Of(type).Where(used => Comes(used, library)).Select(used => $"{type.Name} uses {used.Name}")));
        // The finding must be possible: somebody uses the library.
        Assert.Contains(Engine.GetTypes(), type => TypeReferences.Of(type).Any(used => Comes(used, library)));
    }

    [Fact]
    public void Engine_Assembly_RefersToNoWebFramework() =>
        Assert.DoesNotContain(Engine.GetReferencedAssemblies(), name => name.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
            || name.Name.StartsWith("MudBlazor", StringComparison.Ordinal) || name.Name.StartsWith("Studio.", StringComparison.Ordinal));

    [Theory]
    [InlineData(typeof(Planted.InASignature))]
    [InlineData(typeof(Planted.InAMethodBody))]
    [InlineData(typeof(Planted.InAGenericArgument))]
    [InlineData(typeof(Planted.InALambda))]
    public void Scan_PlantedViolation_IsFound(Type planted)
    {
        var types = planted.GetNestedTypes(BindingFlags.NonPublic).Append(planted);
        Assert.Contains("Execution uses Clients: ", string.Join('\n', types.SelectMany(type => Violations(type, "Execution"))), StringComparison.Ordinal);
        Assert.Empty(types.SelectMany(type => Violations(type, "Serving")));
    }

    private static IEnumerable<string> Violations(Type type, string? room)
    {
        if (room is null || !MayUse.TryGetValue(room, out string[]? allowed)) return [];
        return TypeReferences.Of(type)
            .Where(used => used.Assembly == Engine && Room(used) is { } other && other != room && !allowed.Contains(other))
            .Select(used => $"{room} uses {Room(used)}: {type.FullName} uses {used.FullName}");
    }

    // The part of the namespace after Studio.Core; null for the root and for what the compiler adds.
    private static string? Room(Type type) =>
        type.Namespace is { } space && space.StartsWith("Studio.Core.", StringComparison.Ordinal) ? space.Split('.')[2] : null;

    private static bool Comes(Type type, string library) => type.Assembly.GetName().Name!.StartsWith(library, StringComparison.Ordinal);
}
