using System.CommandLine;
using Studio.Bench.Measure;
using static TorchSharp.torch;

namespace Studio.Bench.Commands;

/// <summary><c>bench tokenizers ROOT [--only GLOB]</c>, <c>bench load-memory</c>, <c>bench adapters</c>: measurements.</summary>
internal static class MeasureCommand
{
    public static Command Create() => new("bench", "Measures speed and memory.") { Tokenizers(), LoadMemoryCommand(), Adapters() };

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

    private static Command Adapters()
    {
        var shape = new Option<string>("--shape") { Description = "Shape of the model; its weights are random", DefaultValueFactory = _ => "qwen-0.5b" };
        shape.AcceptOnlyFromAmong([.. NamedShape.All.Select(known => known.Name)]);
        var blocks = new Option<int>("--blocks") { Description = "Blocks; 0 = as many as the shape has", DefaultValueFactory = _ => 6 };
        var type = new Option<string>("--dtype") { Description = "bf16 or fp32", DefaultValueFactory = _ => "bf16" };
        type.AcceptOnlyFromAmong("bf16", "fp32");
        var tokens = new Option<int>("--tokens") { Description = "Tokens a step", DefaultValueFactory = _ => 256 };
        var rank = new Option<int>("--rank") { Description = "Rank of LoRA", DefaultValueFactory = _ => 8 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds over all variants; a figure is the median", DefaultValueFactory = _ => 9 };
        var methods = new Option<string[]>("--method") { Description = "A method beside the frozen base; may be repeated", DefaultValueFactory = _ => ["lora"] };
        var command = new Command("adapters", "What adapters add to a training step, against forward and backward of the frozen base alone.") { shape, blocks, type, tokens, rank, rounds, methods };
        command.SetAction(result =>
        {
            var named = NamedShape.All.First(known => known.Name == result.GetRequiredValue(shape));
            int depth = result.GetValue(blocks) is > 0 and var asked ? asked : named.Blocks;
            return new AdapterCost(new AdapterCostOptions(named, depth, result.GetValue(type) == "bf16" ? ScalarType.BFloat16 : ScalarType.Float32,
                result.GetValue(tokens), result.GetValue(rank), result.GetValue(rounds), result.GetValue(methods) ?? [])).Run(Console.Out);
        });
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
