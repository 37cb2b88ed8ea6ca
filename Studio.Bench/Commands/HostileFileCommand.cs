using System.CommandLine;
using Studio.Bench.Verify;

namespace Studio.Bench.Commands;

/// <summary><c>hostile-file ROOT NAME</c>: what <c>verify hostile</c> starts for each file. Not for people.</summary>
internal static class HostileFileCommand
{
    public static Command Create()
    {
        var root = new Argument<string>("root");
        var name = new Argument<string>("name");
        var command = new Command(HostileVerifier.ChildCommand, "Loads one hostile file and writes what came of it.") { root, name };
        command.Hidden = true;
        command.SetAction(result => HostileChild.Run(result.GetRequiredValue(root), result.GetRequiredValue(name)));
        return command;
    }
}
