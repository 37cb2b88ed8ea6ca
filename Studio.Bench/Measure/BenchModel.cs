using System.CommandLine;
using Studio.Core.Execution;
using static TorchSharp.torch;

namespace Studio.Bench.Measure;

/// <summary>The model that a measurement runs on: a folder, or a named shape with random weights, written for the occasion.</summary>
internal sealed class BenchModel : IDisposable
{
    private const ulong Seed = 5;

    private readonly bool _ownsFolder;

    private BenchModel(string name, string folder, ScalarType type, bool ownsFolder)
    {
        Name = name;
        Folder = folder;
        Type = type;
        _ownsFolder = ownsFolder;
    }

    /// <summary>For reports.</summary>
    public string Name { get; }

    /// <summary>In Hugging Face layout.</summary>
    public string Folder { get; }

    /// <summary>Type of activations.</summary>
    public ScalarType Type { get; }

    /// <summary>A named shape.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="blocks">Its blocks; 0 = as many as it has.</param>
    /// <param name="type">Type of weights and activations.</param>
    public static BenchModel Of(NamedShape shape, int blocks, ScalarType type)
    {
        string folder = Directory.CreateTempSubdirectory("bench-model").FullName;
        int depth = blocks > 0 ? blocks : shape.Blocks;
        shape.Write(folder, type, depth, Seed);
        return new BenchModel(depth == shape.Blocks ? shape.Name : $"{shape.Name}, {depth} blocks", folder, type, ownsFolder: true);
    }

    /// <summary>A folder with a checkpoint.</summary>
    public static BenchModel In(string folder, ScalarType type) => new(Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)), folder, type, ownsFolder: false);

    /// <summary>Loads it.</summary>
    public BaseModel Load(ExecutorOptions? options = null) => BaseModel.Load("bench", Folder, Type, CPU, options);

    /// <summary>Deletes what was written for the occasion.</summary>
    public void Dispose()
    {
        if (_ownsFolder) Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>The options that choose a model.</summary>
internal sealed class BenchModelOptions
{
    private readonly Option<string?> _folder = new("--model") { Description = "Folder of a checkpoint; else a shape with random weights" };
    private readonly Option<string> _shape = new("--shape") { Description = "Shape of the model; its weights are random" };
    private readonly Option<int> _blocks = new("--blocks") { Description = "Blocks of the shape; 0 = as many as it has" };
    private readonly Option<string> _type = new("--dtype") { Description = "bf16 or fp32", DefaultValueFactory = _ => "bf16" };

    private BenchModelOptions(Command command)
    {
        _shape.DefaultValueFactory = _ => "qwen-0.5b";
        _shape.AcceptOnlyFromAmong([.. NamedShape.All.Select(known => known.Name)]);
        _type.AcceptOnlyFromAmong("bf16", "fp32");
        command.Add(_folder);
        command.Add(_shape);
        command.Add(_blocks);
        command.Add(_type);
    }

    /// <summary>Lets a command measure on the model that was asked for.</summary>
    public static Command On(Command command, Func<BenchModel, ParseResult, int> measure)
    {
        var options = new BenchModelOptions(command);
        command.SetAction(result =>
        {
            using var model = options.Open(result);
            return measure(model, result);
        });
        return command;
    }

    private BenchModel Open(ParseResult result)
    {
        var type = result.GetValue(_type) == "fp32" ? ScalarType.Float32 : ScalarType.BFloat16;
        return result.GetValue(_folder) is { } folder ? BenchModel.In(folder, type)
            : BenchModel.Of(NamedShape.All.First(known => known.Name == result.GetValue(_shape)), result.GetValue(_blocks), type);
    }
}
