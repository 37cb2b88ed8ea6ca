using System.CommandLine;
using Studio.Bench.Starter;

namespace Studio.Bench.Commands;

/// <summary><c>build-datasets</c>: writes the sample data sets.</summary>
public static class BuildDatasetsCommand
{
    public static Command Create()
    {
        var output = new Option<DirectoryInfo>("--output") { Description = "Target folder.", DefaultValueFactory = _ => new DirectoryInfo("wwwroot-assets/datasets") };
        var command = new Command("build-datasets", "Writes the sample data sets from their generators.") { output };
        command.SetAction(parse =>
        {
            foreach (string path in BuildDatasets.Run(parse.GetRequiredValue(output).FullName)) Console.WriteLine(path);
            return 0;
        });
        return command;
    }
}
