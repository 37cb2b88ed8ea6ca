using System.CommandLine;
using Studio.Bench.Measure;
using Studio.Core.Execution;
using static TorchSharp.torch;

namespace Studio.Bench.Commands;

/// <summary><c>bench tokenizers ROOT [--only GLOB]</c>, <c>bench load-memory</c>, <c>bench adapters | train | overhead | decode | mixed | prefix</c>: measurements.</summary>
internal static class MeasureCommand
{
    public static Command Create() => new("bench", "Measures speed and memory.") { Tokenizers(), LoadMemoryCommand(), Adapters(), Train(), Overhead(), Decode(), Mixed(), Prefix() };

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
        var (tokens, rank, rounds) = (Count("--tokens", "Tokens a step", 256), Rank(), Rounds(9));
        var methods = new Option<string[]>("--method") { Description = "A method beside the frozen base; may be repeated", DefaultValueFactory = _ => ["lora"] };
        var command = new Command("adapters", "What adapters add to a training step, against forward and backward of the frozen base alone.") { tokens, rank, rounds, methods };
        return BenchModelOptions.On(command, (model, result) => AdapterCost.Run(model, new AdapterCostOptions(result.GetValue(tokens), result.GetValue(rank), result.GetValue(rounds), result.GetValue(methods) ?? []), Console.Out));
    }

    private static Command Train()
    {
        var (adapters, tokens, rank, rounds) = (Count("--adapters", "Fine-tunes", 8), Count("--tokens", "Tokens a step", 256), Rank(), Rounds(3));
        var steps = Count("--steps", "Steps of each fine-tune in a round", 2);
        var policy = new Option<BatchingPolicy>("--policy") { Description = "Batching policy of the executor", DefaultValueFactory = _ => BatchingPolicy.Opportunistic };
        var command = new Command("train", "Fine-tunes at once, against one after the other, and against the machine's best on the same products.") { adapters, tokens, rank, steps, rounds, policy };
        return BenchModelOptions.On(command, (model, result) => TrainSpeed.Run(model, new TrainSpeedOptions(result.GetValue(adapters), result.GetValue(tokens), result.GetValue(rank), result.GetValue(steps), result.GetValue(rounds), result.GetValue(policy)), Console.Out));
    }

    private static Command Overhead()
    {
        var (tokens, rank, rounds) = (Count("--tokens", "Tokens a step", 256), Rank(), Rounds(5));
        var command = new Command("overhead", "What split execution costs one client, against one uncut autograd graph.") { tokens, rank, rounds };
        return BenchModelOptions.On(command, (model, result) => SplitOverhead.Run(model, new SplitOverheadOptions(result.GetValue(tokens), result.GetValue(rank), result.GetValue(rounds)), Console.Out));
    }

    private static Command Decode()
    {
        var sessions = new Option<int[]>("--sessions") { Description = "Sessions in one batch; may be repeated, the first is the yardstick", DefaultValueFactory = _ => [1, 2, 4, 8, 16], AllowMultipleArgumentsPerToken = true };
        var (prompt, tokens, rank, rounds) = (Count("--prompt", "Tokens of every prompt", 64), Count("--tokens", "Tokens of an answer", 8), Rank(), Rounds(5));
        var int8 = new Option<bool>("--int8") { Description = "One session with 8-bit copies of the weights too; --sessions must have 1" };
        int8.Validators.Add(result =>
        {
            if (result.GetValue(int8) && !(result.GetValue(sessions) ?? []).Contains(1)) result.AddError("--int8 is compared with one session: --sessions must have 1.");
        });
        var command = new Command("decode", "Tokens a second of several sessions over different adapters.") { sessions, prompt, tokens, rank, rounds, int8 };
        return BenchModelOptions.On(command, (model, result) => DecodeSpeed.Run(model, new DecodeSpeedOptions(result.GetValue(sessions) ?? [], result.GetValue(prompt), result.GetValue(tokens), result.GetValue(rank), result.GetValue(rounds), result.GetValue(int8)), Console.Out));
    }

    private static Command Mixed()
    {
        var (adapters, training) = (Count("--adapters", "Fine-tunes beside the chat", 4), Count("--training-tokens", "Tokens a training step", 256));
        var (prompt, tokens, rank, rounds) = (Count("--prompt", "Tokens of the prompt", 64), Count("--tokens", "Tokens of an answer", 32), Rank(), Count("--rounds", "Rounds of idle and busy", 3));
        var command = new Command("mixed", "The time from token to token of one chat, idle and while fine-tunes train.") { adapters, training, prompt, tokens, rank, rounds };
        return BenchModelOptions.On(command, (model, result) => MixedLatency.Run(model, new MixedLatencyOptions(result.GetValue(adapters), result.GetValue(training), result.GetValue(prompt), result.GetValue(tokens), result.GetValue(rank), result.GetValue(rounds)), Console.Out));
    }

    private static Command Prefix()
    {
        var (turns, message, tokens, rounds) = (Count("--turns", "Turns of the conversation", 5), Count("--message", "Tokens of every message", 120), Count("--tokens", "Tokens of every answer", 16), Rounds(3));
        var command = new Command("prefix", "The time to the first token of every turn of a conversation, with and without the keys and values of the turns before.") { turns, message, tokens, rounds };
        return BenchModelOptions.On(command, (model, result) => PrefixSpeed.Run(model, new PrefixSpeedOptions(result.GetValue(turns), result.GetValue(message), result.GetValue(tokens), result.GetValue(rounds)), Console.Out));
    }

    private static Option<int> Count(string name, string description, int usual) => new(name) { Description = description, DefaultValueFactory = _ => usual };

    private static Option<int> Rank() => Count("--rank", "Rank of LoRA", 8);

    private static Option<int> Rounds(int usual) => Count("--rounds", "Rounds over all variants; a figure is the median", usual);

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
