using Studio.Core.Data;
using Studio.Core.Training;

namespace Studio.Tests.Training;

/// <summary>Random token sequences from a fixed seed: a prompt that is not trained, and an answer that is.</summary>
internal static class TestSamples
{
    public static IReadOnlyList<TrainingSample> Make(int count, int vocabulary, ulong seed = 5, int shortest = 4, int longest = 12)
    {
        var random = new RandomSource(seed);
        var samples = new TrainingSample[count];
        for (int i = 0; i < count; i++)
        {
            int[] ids = [.. Enumerable.Range(0, shortest + random.Next(longest - shortest + 1)).Select(_ => random.Next(vocabulary))];
            int prompt = 1 + random.Next(ids.Length - 1);
            samples[i] = new TrainingSample(ids, [.. ids.Select((_, t) => t >= prompt)]);
        }
        return samples;
    }

    public static TrainingData Data(IReadOnlyList<TrainingSample> samples, TrainingSettings settings) =>
        TrainingData.Build(new RenderedRows { Samples = samples, Truncated = 0, Dropped = 0 }, settings, (ulong)settings.Seed);
}
