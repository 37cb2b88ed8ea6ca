using System.CommandLine;
using Studio.Bench.Commands;
using Studio.Bench.Soak;

var root = new RootCommand("Symbiosis Studio: checks, measurements and the starter model.")
{
    VerifyCommand.Create(),
    MeasureCommand.Create(),
    SoakCommand.Create(),
    HostileFileCommand.Create(),
    MeasureCommand.CreateLoadChild(),
    MeasureCommand.CreateFineTuneChild(),
    FuzzModelsSoak.CreateChild(),
    BuildDatasetsCommand.Create(),
    BuildStarterCommand.Create(),
    StarterTraitsCommand.Create(),
};
return root.Parse(args).Invoke();
