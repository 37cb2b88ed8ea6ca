using System.CommandLine;
using Studio.Bench.Soak.Executor;

namespace Studio.Bench.Soak;

/// <summary><c>soak executor</c>: fine-tunes and chats that pause, abandon steps, leave and fail on one base.</summary>
internal static class ExecutorSoakCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var defaults = new ExecutorSoakOptions();
        var seconds = new Option<int>("--seconds") { Description = "How long clients come and go", DefaultValueFactory = _ => (int)defaults.Duration.TotalSeconds };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same runs, chats and mischief", DefaultValueFactory = _ => defaults.Seed };
        var runs = new Option<int>("--runs") { Description = "Fine-tunes at a time", DefaultValueFactory = _ => defaults.Runs };
        var chats = new Option<int>("--chats") { Description = "Chats at a time", DefaultValueFactory = _ => defaults.Chats };
        var command = new Command("executor", "Fine-tunes and chats that pause, abandon steps, leave and fail on one base: nobody hangs, nothing leaks, survivors lose as alone.") { seconds, seed, runs, chats };
        command.SetAction(result =>
        {
            var tally = new ExecutorSoak(new ExecutorSoakOptions
            {
                Seed = result.GetValue(seed),
                Duration = TimeSpan.FromSeconds(result.GetValue(seconds)),
                Runs = result.GetValue(runs),
                Chats = result.GetValue(chats),
            }).Run();
            foreach (string failure in tally.Failures) Console.WriteLine($"FAIL  {failure}");
            Console.WriteLine(tally);
            return tally.Failures.Count == 0 && tally.Finished > 0 ? 0 : 1;
        });
        return command;
    }
}
