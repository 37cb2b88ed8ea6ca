using System.Globalization;
using System.Text.Json;
using Studio.Core.Execution;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>What a process that fine-tunes is started for.</summary>
/// <param name="Folder">Of the checkpoint.</param>
/// <param name="Type">Type of weights and activations.</param>
/// <param name="OwnCopy">Whether it holds a private copy of the weights; else it maps the file, whose pages all processes share.</param>
/// <param name="Tokens">Tokens a step.</param>
/// <param name="Rank">Rank of LoRA.</param>
/// <param name="InFlight">Steps in flight; 0 = as many as keep the cores busy.</param>
/// <param name="Parked">Whether values and moments lie in files between steps.</param>
internal sealed record FineTuneJob(string Folder, ScalarType Type, bool OwnCopy, int Tokens, int Rank, int InFlight, bool Parked = false);

/// <summary>What such a process says of itself.</summary>
/// <param name="Runs">Runs that have taken their steps.</param>
/// <param name="WeightBytes">The base.</param>
/// <param name="Trainable">Trainable parameters of one run; 0 before the first.</param>
/// <param name="Done">Whether it has done what it was asked for and waits.</param>
internal sealed record FineTuneState(int Runs, long WeightBytes, long Trainable, bool Done);

/// <summary>The child: loads a base, and adds runs and takes steps as its standard input says, a command a line, until that ends.</summary>
internal static class FineTuneChild
{
    /// <summary>Name of its command.</summary>
    public const string Command = "fine-tune-child";

    /// <summary>Makes so many runs, and lets each take so many steps.</summary>
    public const string Add = "add";

    /// <summary>Lets every run take so many steps.</summary>
    public const string Step = "step";

    /// <summary>Its whole life.</summary>
    public static int Run(FineTuneJob job)
    {
        using var model = BaseModel.Load("bench", job.Folder, job.Type, CPU);
        if (job.OwnCopy) OwnPages.Take(job.Folder);
        using var fleet = new RunFleet(model, job.Tokens, job.Rank, job.InFlight, job.Parked);
        int runs = 0;
        Say(done: true);
        while (Console.In.ReadLine() is { } line)
        {
            int[] numbers = [.. line.Split(' ').Skip(1).Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
            var work = line.StartsWith(Add, StringComparison.Ordinal) ? fleet.AddAsync(numbers[0], numbers[1], count => { runs = count; Say(done: false); }) : fleet.StepAsync(numbers[0]);
            work.GetAwaiter().GetResult();
            Say(done: true);
        }
        return 0;

        void Say(bool done) => Console.Out.WriteLine(JsonSerializer.Serialize(new FineTuneState(runs, model.Bytes, fleet.Trainable, done)));
    }
}
