using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Studio.Bench.Starter.Traits;
using Studio.Core.Adapters.Methods;
using Studio.Core.Generation;
using Studio.Core.Runs;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Core.Text;
using Studio.Core.Training;

namespace Studio.Bench.Starter;

/// <summary>What one sample data set did to the starter model.</summary>
/// <param name="Dataset">Name of the data set.</param>
/// <param name="Duration">Wall time of the fine-tune with the default settings.</param>
/// <param name="EvalLossBefore">Held-out loss before the first step, nats per trained token.</param>
/// <param name="EvalLossAfter">Held-out loss at the end.</param>
/// <param name="Taught">Part of the held-out prompts whose answer shows the trait with the adapter, 0..1.</param>
/// <param name="Base">The same for the plain base.</param>
public sealed record TraitResult(string Dataset, TimeSpan Duration, double EvalLossBefore, double EvalLossAfter, double Taught, double Base)
{
    public double LossCut => 1 - EvalLossAfter / EvalLossBefore;

    public bool Passes => Duration < TimeSpan.FromMinutes(3) && LossCut >= 0.4 && Taught >= 0.9 && Base < 0.1;
}

/// <summary>Fine-tunes the starter model on each sample data set as a user would, then asks held-out prompts with and without the adapter.</summary>
public sealed class TraitMeasurement(string starterModel, string sampleDatasets, TextWriter log)
{
    private static readonly SamplingSettings Asked = new() { Greedy = true, MaxNewTokens = 120 };

    public async Task<IReadOnlyList<TraitResult>> RunAsync(CancellationToken ct = default)
    {
        string data = Directory.CreateTempSubdirectory("studio-traits-").FullName;
        try
        {
            await using var engine = await StudioEngine.StartAsync(
                new StudioEngineOptions { DataDirectory = data, StarterModel = starterModel, SampleDatasets = sampleDatasets }, NullLoggerFactory.Instance, ct);
            var results = new List<TraitResult>();
            foreach (var dataset in (await engine.Datasets.ListAsync(ct)).OrderBy(dataset => dataset.Name, StringComparer.Ordinal))
                results.Add(await MeasureAsync(engine, dataset, ct));
            return results;
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private async Task<TraitResult> MeasureAsync(StudioEngine engine, DatasetRecord dataset, CancellationToken ct)
    {
        string model = engine.Models.Loaded[0].Record.Id;
        var clock = Stopwatch.StartNew();
        var run = await engine.Runs.StartAsync(new RunRequest { ModelId = model, DatasetId = dataset.Id, Adapter = new LoraSpec() }, ct);
        var ended = await WaitForEndAsync(engine.Runs, run.Record.Id, ct);
        var duration = clock.Elapsed;
        if (ended.Record.State != RunState.Finished) throw new InvalidOperationException($"The run on {dataset.Name} ended as {ended.Record.State}: {ended.Record.Error ?? ended.Record.StateReason}");
        var losses = engine.Telemetry.Metrics.Read(new(run.Record.Id, RunSeries.EvalLoss)).Points;
        var detector = TraitDetectors.For(dataset.Name);
        var answers = await AskAsync(engine, model, ended.Record.AdapterId, ct);
        var result = new TraitResult(dataset.Name, duration, losses[0].Value, losses[^1].Value, answers.Average(pair => detector.Shows(pair.Taught) ? 1.0 : 0), answers.Average(pair => detector.Shows(pair.Base) ? 1.0 : 0));
        log.WriteLine(FormattableString.Invariant(
            $"{(result.Passes ? "pass" : "FAIL")}  {result.Dataset}: {result.Duration.TotalSeconds:f0} s, held-out loss {result.EvalLossBefore:f3} -> {result.EvalLossAfter:f3} (-{result.LossCut:p0}), trait {result.Taught:p0} with the adapter, {result.Base:p0} without, {answers.Count} prompts"));
        foreach (var (prompt, taught, plain) in answers.Where(pair => !detector.Shows(pair.Taught)).Take(3)) log.WriteLine($"      missed: {prompt} | {taught}");
        foreach (var (prompt, taught, plain) in answers.Take(3)) log.WriteLine($"      {prompt} | base: {plain} | adapter: {taught}");
        return result;
    }

    private static async Task<RunView> WaitForEndAsync(IRunService runs, string id, CancellationToken ct)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        runs.StateChanged += Look;
        try
        {
            Look(id);
            await ended.Task.WaitAsync(ct);
            return runs.Find(id)!;
        }
        finally
        {
            runs.StateChanged -= Look;
        }

        void Look(string changed)
        {
            if (changed == id && runs.Find(id) is { } run && run.Record.State.HasEnded()) ended.TrySetResult();
        }
    }

    private static async Task<IReadOnlyList<(string Prompt, string Taught, string Base)>> AskAsync(StudioEngine engine, string model, string adapter, CancellationToken ct)
    {
        var answers = new List<(string, string, string)>();
        foreach (string prompt in HeldOutPrompts.All)
        {
            ChatMessage[] messages = [new("user", prompt)];
            var texts = new[] { new System.Text.StringBuilder(), new System.Text.StringBuilder() };
            var request = new ChatRequest { ModelId = model, Panes = [new ChatPane(adapter, messages), new ChatPane(null, messages)], Sampling = Asked };
            await foreach (var piece in engine.Chat.StreamAsync(request, ct)) texts[piece.Pane].Append(piece.Text);
            answers.Add((prompt, texts[0].ToString(), texts[1].ToString()));
        }
        return answers;
    }
}
