using System.Diagnostics;
using System.Globalization;
using System.Text;
using Studio.Bench.Verify;
using Studio.Core.Text;

namespace Studio.Bench.Measure;

/// <summary>
/// How many bytes of text a second the tokenizers of a root encode, in one thread: generated prose, and one word without any boundary.
/// Rounds go over all families in turn, so that a slow moment of the machine hits all of them; a figure is the median of its rounds.
/// </summary>
internal sealed class TokenizerSpeed(string root, IReadOnlyList<string> globs, int bytes, int rounds)
{
    /// <summary>Measures and writes a line a family.</summary>
    public int Run(TextWriter output)
    {
        string folder = CaseFinder.FolderOf(root, CaseKind.Tokenizers);
        string[] names = [.. CaseFinder.Names(root, CaseKind.Tokenizers).Where(name => globs.Count == 0 || globs.Any(glob => CaseFinder.Matches(name, glob)))];
        var prose = new GeneratedProse(1).Take(bytes);
        var word = new string('a', bytes);
        var subjects = names.Select(name => new Subject(name, TextTokenizer.Load(Path.Combine(folder, name)))).ToArray();
        foreach (var subject in subjects) subject.Tokenizer.Encode(prose[..(prose.Length / 4)], addSpecialTokens: false); // compiles code and patterns
        for (int round = 0; round < rounds; round++)
        {
            foreach (var subject in subjects)
            {
                subject.Prose.Add(Measure(subject.Tokenizer, prose));
                subject.Word.Add(Measure(subject.Tokenizer, word));
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"family",-20} {"prose MB/s",12} {"of processor",14} {"one word MB/s",14}"));
        foreach (var subject in subjects)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{subject.Name,-20} {BenchReport.Median(subject.Prose.Select(rate => rate.Wall)),12:0.00} {BenchReport.Median(subject.Prose.Select(rate => rate.Processor)),14:0.00} {BenchReport.Median(subject.Word.Select(rate => rate.Wall)),14:0.00}"));
        return subjects.Length > 0 ? 0 : 1;
    }

    private static (double Wall, double Processor) Measure(TextTokenizer tokenizer, string text)
    {
        using var process = Process.GetCurrentProcess();
        var (processor, start) = (process.TotalProcessorTime, Stopwatch.GetTimestamp());
        tokenizer.Encode(text, addSpecialTokens: false);
        var wall = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        double megabytes = Encoding.UTF8.GetByteCount(text) / 1e6;
        return (megabytes / wall.TotalSeconds, megabytes / (process.TotalProcessorTime - processor).TotalSeconds);
    }

    private sealed record Subject(string Name, TextTokenizer Tokenizer)
    {
        public List<(double Wall, double Processor)> Prose { get; } = [];
        public List<(double Wall, double Processor)> Word { get; } = [];
    }
}
