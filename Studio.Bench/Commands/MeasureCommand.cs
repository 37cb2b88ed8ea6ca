using System.CommandLine;
using Studio.Bench.Measure;

namespace Studio.Bench.Commands;

/// <summary><c>bench tokenizers ROOT [--only GLOB]</c>: measurements.</summary>
internal static class MeasureCommand
{
    public static Command Create() => new("bench", "Measures speed.") { Tokenizers() };

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
