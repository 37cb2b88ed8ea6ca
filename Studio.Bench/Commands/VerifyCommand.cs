using System.CommandLine;
using Studio.Bench.Verify;

namespace Studio.Bench.Commands;

/// <summary><c>verify models|adapters|traces|tokenizers|templates|hostile ROOT [--only GLOB]</c>: parity with reference cases.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var kind = new Argument<CaseKind>("kind") { Description = "models, adapters, traces, tokenizers, templates or hostile" };
        var root = new Argument<DirectoryInfo>("root") { Description = "Folder that holds models/, adapters/, traces/, tokenizers/, chat_templates/ or hostile/" };
        var only = new Option<string[]>("--only") { Description = "Run only cases whose name (path below the kind's folder) matches this glob; may be repeated" };
        var command = new Command("verify", "Compares models, adapters, training traces, tokenizers and chat templates with reference values; loads hostile files.") { kind, root, only };
        command.SetAction(result => Run(result.GetValue(kind), result.GetRequiredValue(root), result.GetValue(only) ?? []));
        return command;
    }

    private static int Run(CaseKind kind, DirectoryInfo root, string[] globs)
    {
        int passed = 0, failed = 0;
        try
        {
            foreach (var verdict in VerifyRunner.Run(kind, root.FullName, globs))
            {
                if (verdict.Passed) passed++;
                else failed++;
                Console.WriteLine($"{(verdict.Passed ? "PASS" : "FAIL")}  {verdict.Name}  {verdict.Detail}");
            }
        }
        catch (DirectoryNotFoundException missing)
        {
            Console.Error.WriteLine(missing.Message);
        }
        Console.WriteLine($"{passed} passed, {failed} failed");
        return failed == 0 && passed > 0 ? 0 : 1;
    }
}
