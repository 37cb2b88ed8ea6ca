using Studio.Core.Runs;
using Studio.Web.Formatting;

namespace Studio.Web.FineTunes;

/// <summary>Memory of runs for people.</summary>
public static class RunMemoryText
{
    /// <summary>The parts of a forecast that take anything, in the order of display.</summary>
    public static IReadOnlyList<(string Name, long Bytes)> Parts(MemoryForecast memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        (string Name, long Bytes)[] parts =
        [
            ("Adapter values", memory.Values), ("Optimizer moments", memory.Moments), ("Gradients", memory.Gradients), ("Activations", memory.Activations), ("Logits", memory.Logits),
        ];
        return [.. parts.Where(part => part.Bytes > 0)];
    }

    /// <summary>Both in one line, such as "112 MiB, 100 MiB expected"; empty where nothing is known.</summary>
    public static string Of(RunMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return string.Join(", ", new[] { memory.Measured is null ? "" : Measured(memory), Expected(memory) }.Where(text => text.Length > 0));
    }

    /// <summary>Expected and held now, such as "100 MiB expected, 3.00 MiB held".</summary>
    public static string ExpectedAndHeld(RunMemory memory, long held) => string.Join(", ", new[] { Expected(memory), $"{BytesText.Format(held)} held" }.Where(text => text.Length > 0));

    /// <summary>What a run was measured to take, or a dash.</summary>
    public static string Measured(RunMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return memory.Measured is { } measured ? BytesText.Format(measured) : NumberText.None;
    }

    /// <summary>What it was expected to take, such as "118 MiB expected"; empty where that is not known.</summary>
    public static string Expected(RunMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return memory.Predicted is { } predicted ? $"{BytesText.Format(predicted.Total)} expected" : "";
    }
}
