using System.CommandLine;
using Studio.Bench.Starter;
using static TorchSharp.torch;

namespace Studio.Bench.Commands;

/// <summary><c>build-starter</c>: trains the starter model from the generated corpus.</summary>
public static class BuildStarterCommand
{
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--output") { Description = "Target folder.", DefaultValueFactory = _ => new DirectoryInfo("models/starter") };
        var steps = new Option<int?>("--steps") { Description = "Optimizer steps (default: the recipe's)." };
        var command = new Command("build-starter", "Builds the starter model: vocabulary and weights, from the generated corpus alone.") { output, steps };
        command.SetAction((parse, ct) =>
        {
            var recipe = new StarterRecipe();
            if (parse.GetValue(steps) is { } count) recipe = recipe with { Steps = count };
            StarterBuilder.Build(recipe, parse.GetRequiredValue(output).FullName, Console.Out, ScalarType.BFloat16, ct);
            return Task.FromResult(0);
        });
        return command;
    }
}
