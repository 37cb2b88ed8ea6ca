using System.CommandLine;
using Studio.Bench.Starter;

namespace Studio.Bench.Commands;

/// <summary><c>starter-traits</c>: measures what the sample data sets teach the starter model.</summary>
public static class StarterTraitsCommand
{
    public static Command Create()
    {
        var model = new Option<DirectoryInfo>("--model") { Description = "Starter model folder.", DefaultValueFactory = _ => new DirectoryInfo("models/starter") };
        var datasets = new Option<DirectoryInfo>("--datasets") { Description = "Folder of the sample data sets.", DefaultValueFactory = _ => new DirectoryInfo("wwwroot-assets/datasets") };
        var command = new Command("starter-traits", "Fine-tunes the starter model on each sample data set with the default settings and counts taught traits on held-out prompts.") { model, datasets };
        command.SetAction(async (parse, ct) =>
        {
            var results = await new TraitMeasurement(parse.GetRequiredValue(model).FullName, parse.GetRequiredValue(datasets).FullName, Console.Out).RunAsync(ct);
            int failed = results.Count(result => !result.Passes);
            Console.WriteLine($"{results.Count - failed} passed, {failed} failed");
            return failed == 0 && results.Count > 0 ? 0 : 1;
        });
        return command;
    }
}
