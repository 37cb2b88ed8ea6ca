using System.CommandLine;
using Studio.Bench.Commands;

var root = new RootCommand("Symbiosis Studio: checks, measurements and the starter model.")
{
    VerifyCommand.Create(),
    MeasureCommand.Create(),
    HostileFileCommand.Create(),
    BuildDatasetsCommand.Create(),
    BuildStarterCommand.Create(),
    StarterTraitsCommand.Create(),
};
return root.Parse(args).Invoke();
