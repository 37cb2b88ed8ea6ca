using System.CommandLine;
using Studio.Bench.Measure;
using static TorchSharp.torch;

namespace Studio.Bench.Commands;

/// <summary><c>bench tokenizers ROOT [--only GLOB]</c>, <c>bench load-memory</c>: measurements.</summary>
internal static class MeasureCommand
{
    public static Command Create() => new("bench", "Measures speed and memory.") { Tokenizers(), LoadMemoryCommand() };

    /// <summary>What <c>bench load-memory</c> starts for each load. Not for people.</summary>
    public static Command CreateLoadChild()
    {
        Argument<string> warmUp = new("warm-up"), folder = new("folder");
        var type = new Argument<ScalarType>("type");
        var command = new Command(LoadMemory.ChildCommand, "Loads a model and writes what it took.") { warmUp, folder, type };
        command.Hidden = true;
        command.SetAction(result => LoadMemory.RunChild(result.GetRequiredValue(warmUp), result.GetRequiredValue(folder), result.GetValue(type)));
        return command;
    }

    private static Command LoadMemoryCommand()
    {
        var megabytes = new Option<double>("--megabytes") { Description = "Size of the checkpoint that is made for it", DefaultValueFactory = _ => 320 };
        var command = new Command("load-memory", "Peak memory of loading a checkpoint, as it is stored and converted, in units of its weights.") { megabytes };
        command.SetAction(result => LoadMemory.Run((long)(result.GetValue(megabytes) * 1e6), Console.Out));
        return command;
    }

    private static Command Tokenizers()
    {
        var root = new Argument<DirectoryInfo>("root") { Description = "Folder that holds tokenizers/" };
        var only = new Option<string[]>("--only") { Description = "Measure only families whose name matches this glob; may be repeated" };
        var megabytes = new Option<double>("--megabytes") { Description = "Size of each text", DefaultValueFactory = _ => 1 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds over all families; a figure is the median", DefaultValueFactory = _ => 5 };
        var command = new Command("tokenizers", "Bytes of text that each tokenizer encodes a second, in one thread.") { root, only, megabytes, rounds };
        command.SetAction(result => new TokenizerSpeed(
            result.GetRequiredValue(root).FullName, result.GetValue(only) ?? [], (int)(result.GetValue(megabytes) * 1e6), result.GetValue(rounds)).Run(Console.Out));
        return command;
    }
}
