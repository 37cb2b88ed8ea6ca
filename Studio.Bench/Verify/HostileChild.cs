using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Studio.Core;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using Studio.Core.Text;
using Studio.Core.Text.Jinja;

namespace Studio.Bench.Verify;

/// <summary>Loads one hostile file. Runs in a process of its own, which its parent ends where it does not end by itself.</summary>
internal static class HostileChild
{
    /// <summary>What the child writes when it begins to load, so that starting the process does not count.</summary>
    public const string Ready = "ready";

    private static readonly string[] Texts = ["Hello wörld, 123!", "a", new string('x', 5000), new string('a', 5000)];

    /// <summary>Loads a file and writes what came of it as a line of JSON.</summary>
    public static void Run(string root, string name)
    {
        var file = HostileFile.ReadAll(root).First(candidate => candidate.Name == name);
        string path = Path.Combine(root, HostileFile.Folder, name);
        var variables = HostileFile.Variables(root);
        // The engine's own code is compiled before the clock starts.
        JinjaTemplate.Parse("{% for m in messages %}{{ m.content | trim }}{% endfor %}").Render(variables);
        Console.WriteLine(Ready);
        using var process = Process.GetCurrentProcess();
        var (processor, clock, memory) = (process.TotalProcessorTime, Stopwatch.StartNew(), Memory("VmRSS:"));
        var outcome = Load(file, path, variables);
        process.Refresh();
        double seconds = Math.Min(clock.Elapsed.TotalSeconds, (process.TotalProcessorTime - processor).TotalSeconds);
        Console.WriteLine(JsonSerializer.Serialize(outcome with { Seconds = seconds, Megabytes = Math.Max(0, Memory("VmHWM:") - memory) }));
    }

    /// <summary>Loads a file by its kind.</summary>
    public static HostileOutcome Load(HostileFile file, string path, IReadOnlyDictionary<string, JsonElement> variables)
    {
        bool loaded = false;
        try
        {
            if (path.EndsWith(".jinja", StringComparison.Ordinal))
                return new HostileOutcome { Loaded = true, Output = JinjaTemplate.Parse(File.ReadAllText(path)).Render(variables, DateTime.UnixEpoch).Text };
            if (path.EndsWith(".safetensors", StringComparison.Ordinal)) Tensors(path);
            else if (file.Kind.StartsWith("config", StringComparison.Ordinal)) Config(path);
            else Tokenizer(path, ref loaded);
            return new HostileOutcome { Loaded = true };
        }
        catch (JinjaException error)
        {
            return new HostileOutcome { Error = error.Message, AtParsing = error.Kind == JinjaErrorKind.Syntax, Loaded = loaded };
        }
        // The boundary: every failure is an outcome; those that no user should see are told apart.
        catch (Exception error)
        {
            bool clear = error is InvalidDataException or NotSupportedException or IOException or JsonException or StudioException;
            return new HostileOutcome { Error = $"{error.GetType().Name}: {error.Message}", Clear = clear, Loaded = loaded };
        }
    }

    private static void Tensors(string path)
    {
        using var tensors = SafeTensorsFile.Open(path);
        foreach (string name in tensors.Header.Tensors.Keys) tensors.Map(name).Dispose();
    }

    private static void Config(string path)
    {
        var reader = ConfigReader.Open(path);
        DecoderFamilies.For(reader).ReadConfig(reader);
    }

    private static void Tokenizer(string path, ref bool loaded)
    {
        bool encoded = false;
        try
        {
            InFolder(folder =>
            {
                string name = Path.GetFileName(path);
                // NAME.tokenizer.json is a folder's tokenizer.json; what stands beside it comes with a valid one.
                string valid = Path.Combine(Path.GetDirectoryName(path)!, "valid_small.tokenizer.json");
                string target = name.EndsWith(".model", StringComparison.Ordinal) ? "tokenizer.model" : name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
                if (target is not ("tokenizer.json" or "tokenizer.model") && File.Exists(valid)) File.Copy(valid, Path.Combine(folder, "tokenizer.json"));
                File.Copy(path, Path.Combine(folder, target));
                var tokenizer = TextTokenizer.Load(folder);
                if (target == "tokenizer_config.json") ChatTemplate.Load(folder, tokenizer);
                encoded = true;
                foreach (string text in Texts) tokenizer.Decode(tokenizer.Encode(text, addSpecialTokens: true), skipSpecialTokens: false);
            });
        }
        finally
        {
            loaded = encoded;
        }
    }

    private static void InFolder(Action<string> body)
    {
        var folder = Directory.CreateTempSubdirectory("hostile-");
        try
        {
            body(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Megabytes from /proc/self/status; 0 where there is none.</summary>
    private static double Memory(string field)
    {
        if (!File.Exists("/proc/self/status")) return 0;
        string? line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.AsSpan(field.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) / 1024;
    }
}
