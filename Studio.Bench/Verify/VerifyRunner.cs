namespace Studio.Bench.Verify;

/// <summary>Runs reference cases one after the other. What is not supported fails with the refusal's message.</summary>
public static class VerifyRunner
{
    /// <summary>Verifies the cases of a kind below a root, lazily.</summary>
    /// <param name="kind">Which cases.</param>
    /// <param name="root">Folder that holds models, adapters, traces, tokenizers, chat_templates or hostile.</param>
    /// <param name="globs">Cases whose name matches any of them; none = all.</param>
    /// <exception cref="DirectoryNotFoundException">The root has no folder of that kind.</exception>
    public static IEnumerable<CaseVerdict> Run(CaseKind kind, string root, params string[] globs)
    {
        bool Chosen(string name) => globs.Length == 0 || globs.Any(glob => CaseFinder.Matches(name, glob));
        return kind switch
        {
            CaseKind.Templates => TemplateVerifier.Names(root).Where(Chosen).Select(name => Guarded(name, () => TemplateVerifier.Verify(root, name))),
            CaseKind.Hostile => HostileFile.ReadAll(root).Where(file => Chosen(file.Name)).Select(file => Guarded(file.Name, () => HostileVerifier.Verify(root, file))),
            _ => CaseFinder.Names(root, kind).Where(Chosen).Select(name => Guarded(name, () => RunOne(kind, root, name))),
        };
    }

    private static CaseVerdict RunOne(CaseKind kind, string root, string name)
    {
        string folder = Path.Combine(CaseFinder.FolderOf(root, kind), name);
        if (kind == CaseKind.Tokenizers) return TokenizerVerifier.Verify(name, folder, root);
        var deviations = kind switch
        {
            CaseKind.Models => ModelVerifier.Verify(folder),
            CaseKind.Adapters => AdapterVerifier.Verify(folder, CaseFinder.BaseFolder(root, kind, name)),
            _ => TraceVerifier.Verify(folder, CaseFinder.BaseFolder(root, kind, name)),
        };
        return new CaseVerdict(name, deviations.WithinTolerance, deviations.Describe());
    }

    private static CaseVerdict Guarded(string name, Func<CaseVerdict> verify)
    {
        try
        {
            return verify();
        }
        // The boundary: whatever a case does, the others still run and its message is shown.
        catch (Exception failure)
        {
            return new CaseVerdict(name, false, failure.Message.ReplaceLineEndings(" "));
        }
    }
}
