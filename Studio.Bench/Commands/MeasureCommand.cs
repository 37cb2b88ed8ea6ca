using System.CommandLine;
using System.Globalization;
using Studio.Bench.Limits;
using Studio.Bench.Measure;
using Studio.Core.Execution;
using static TorchSharp.torch;

namespace Studio.Bench.Commands;

/// <summary><c>bench tokenizers ROOT [--only GLOB]</c>, <c>bench load-memory</c>, <c>bench adapters | train | overhead | step-memory | decode | mixed | capacity | optimizer | load | prefix</c>: measurements.</summary>
internal static class MeasureCommand
{
    public static Command Create() => new("bench", "Measures speed and memory.") { Tokenizers(), LoadMemoryCommand(), Adapters(), Train(), Overhead(), StepMemory(), Decode(), Mixed(), CapacityCommand(), Optimizer(), Load(), Prefix() };

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

    /// <summary>What <c>bench train</c> and <c>bench capacity</c> start for each process that fine-tunes. Not for people.</summary>
    public static Command CreateFineTuneChild()
    {
        var folder = new Argument<string>("folder");
        var type = new Argument<ScalarType>("type");
        var copy = new Argument<bool>("own-copy");
        Argument<int> tokens = new("tokens"), rank = new("rank"), inFlight = new("in-flight");
        var parked = new Argument<bool>("parked");
        var command = new Command(FineTuneChild.Command, "Fine-tunes as its standard input says.") { folder, type, copy, tokens, rank, inFlight, parked };
        command.Hidden = true;
        command.SetAction(result => FineTuneChild.Run(new FineTuneJob(result.GetRequiredValue(folder), result.GetValue(type), result.GetValue(copy), result.GetValue(tokens), result.GetValue(rank), result.GetValue(inFlight), result.GetValue(parked))));
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
        var dedicated = new Option<int?>("--dedicated") { Description = "Processes with a base each to compare with; 0 = none. Default: as many as there are fine-tunes, at most 2" };
        dedicated.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 0) result.AddError("--dedicated is negative; expected 0 or more.");
        });
        var mapped = new Option<bool>("--dedicated-mapped") { Description = "Those processes map the file of the base instead of holding a copy each" };
        var command = new Command("train", "Fine-tunes at once, against one after the other, against dedicated processes, and against the machine's best on the same products.")
            { adapters, tokens, rank, steps, rounds, policy, dedicated, mapped };
        return BenchModelOptions.On(command, (model, result) => TrainSpeed.Run(model, new TrainSpeedOptions(result.GetValue(adapters), result.GetValue(tokens), result.GetValue(rank), result.GetValue(steps), result.GetValue(rounds),
            result.GetValue(policy), result.GetValue(dedicated) ?? Math.Min(result.GetValue(adapters), 2), result.GetValue(mapped)), Console.Out));
    }

    private static Command CapacityCommand()
    {
        var limit = new Option<double>("--limit-gib") { Description = "Most memory of a variant's processes together, GiB", DefaultValueFactory = _ => 6 };
        limit.Validators.Add(result =>
        {
            double wanted = result.GetValueOrDefault<double>(), machine = (double)MemoryLimit.MachineBytes / (1L << 30);
            if (!(wanted > 0 && wanted < machine)) result.AddError(FormattableString.Invariant($"--limit-gib is {wanted}; expected more than 0 and less than this machine has, {machine:0.0}."));
        });
        var (tokens, rank, steps, most) = (Count("--tokens", "Tokens a step", 256), Rank(), Count("--steps", "Optimizer steps that a fine-tune must have taken to count", 3), Count("--most", "Ends where so many fine-tunes fit", 1024));
        var curve = Counts("--curve", "Tokens a step, each measured, such as 8,64,256,512; instead of --tokens");
        var registered = Counts("--registered", "Instead of a limit: what so many registered fine-tunes cost beside their state, such as 4,64");
        var inFlight = Count("--in-flight", "Steps in flight on the shared base; 0 = as many as keep the cores busy", 0, least: 0);
        var parked = new Option<bool>("--parked") { Description = "The state of fine-tunes on the shared base lies in files between steps" };
        var command = new Command("capacity", "Fine-tunes that fit into a limit of memory: on a shared base, and as processes of their own.") { limit, tokens, curve, registered, rank, steps, most, inFlight, parked };
        return BenchModelOptions.On(command, (model, result) => result.GetValue(registered) is { Length: > 0 } runs
            ? RegisteredMemory.Run(model, new RegisteredMemoryOptions(runs, result.GetValue(tokens), result.GetValue(rank), result.GetValue(steps), result.GetValue(inFlight), result.GetValue(parked)), Console.Out)
            : Capacity.Run(model, new CapacityOptions((long)(result.GetValue(limit) * (1L << 30)), result.GetValue(curve) is { Length: > 0 } several ? several : [result.GetValue(tokens)],
                result.GetValue(rank), result.GetValue(steps), result.GetValue(inFlight), result.GetValue(most), result.GetValue(parked)), Console.Out));
    }

    private static Command Optimizer()
    {
        var (rank, steps, rounds) = (Rank(), Count("--steps", "Steps in a round", 20), Rounds(9));
        var command = new Command("optimizer", "AdamW and clipping on flat buffers, against TorchSharp's over the same tensors one by one.") { rank, steps, rounds };
        return BenchModelOptions.On(command, (model, result) => OptimizerSpeed.Run(model, new OptimizerSpeedOptions(result.GetValue(rank), result.GetValue(steps), result.GetValue(rounds)), Console.Out));
    }

    private static Command Load()
    {
        var (prompt, rank, rounds) = (Count("--prompt", "Tokens of the prompt", 64), Rank(), Rounds(5));
        var command = new Command("load", "Time to load a checkpoint, mapped and converted, from a cold and a warm page cache, time to the first token, and memory.") { prompt, rank, rounds };
        return BenchModelOptions.On(command, (model, result) => LoadSpeed.Run(model, new LoadSpeedOptions(result.GetValue(prompt), result.GetValue(rank), result.GetValue(rounds)), Console.Out));
    }

    private static Command Overhead()
    {
        var (tokens, rank, rounds) = (Count("--tokens", "Tokens a step", 256), Rank(), Rounds(5));
        var command = new Command("overhead", "What split execution costs one client, against one uncut autograd graph.") { tokens, rank, rounds };
        return BenchModelOptions.On(command, (model, result) => SplitOverhead.Run(model, new SplitOverheadOptions(result.GetValue(tokens), result.GetValue(rank), result.GetValue(rounds)), Console.Out));
    }

    private static Command StepMemory()
    {
        var tokens = new Option<int[]>("--tokens") { Description = "Tokens a step; may be repeated", DefaultValueFactory = _ => [128, 512, 1024], AllowMultipleArgumentsPerToken = true };
        var (rank, rounds) = (Rank(), Rounds(5));
        var dropout = new Option<double>("--dropout") { Description = "LoRA's dropout: its updates are recorded then", DefaultValueFactory = _ => 0 };
        var command = new Command("step-memory", "The forecast of a training step's memory, against its measured peak.") { tokens, rank, dropout, rounds };
        return BenchModelOptions.On(command, (model, result) => StepMemoryBench.Run(model, new StepMemoryOptions(result.GetValue(tokens) ?? [], result.GetValue(rank), result.GetValue(dropout), result.GetValue(rounds)), Console.Out));
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

    private static Option<int> Count(string name, string description, int usual, int least = 1)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var count && count < least) result.AddError($"{name} is {count}; expected {least} or more.");
        });
        return option;
    }

    private static Option<int[]> Counts(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            string text = string.Join(',', result.Tokens.Select(token => token.Value));
            int[] counts = [.. text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0)];
            if (counts.Contains(0)) result.AddError($"{name} is '{text}'; expected numbers from 1 on, with commas between them.");
            return counts;
        },
    };

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
