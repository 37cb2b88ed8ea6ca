using System.Text.RegularExpressions;

namespace Studio.Tests.Rules;

/// <summary>Finds draws from generators that nobody owns in C# source: those could not be saved, and would depend on other clients.</summary>
internal static partial class RandomnessScanner
{
    /// <summary>One finding a line: line number and what is wrong.</summary>
    public static IReadOnlyList<string> Findings(string source)
    {
        string code = Comment().Replace(source, match => new string([.. match.Value.Select(c => c == '\n' ? '\n' : ' ')]));
        var findings = new List<(int At, string What)>();
        foreach (Match match in Forbidden().Matches(code)) findings.Add((match.Index, $"{match.Value.Trim()} draws from a generator that no client owns"));
        foreach (Match match in Draw().Matches(code))
        {
            string arguments = Arguments(code, match.Index + match.Length - 1);
            if (!Owned().IsMatch(arguments)) findings.Add((match.Index, $"{match.Groups["name"].Value}({arguments}) names no generator"));
        }
        return [.. findings.OrderBy(finding => finding.At).Select(finding => $"line {code.AsSpan(0, finding.At).Count('\n') + 1}: {finding.What}")];
    }

    // What is between the parenthesis at a place and its partner.
    private static string Arguments(string code, int open)
    {
        int depth = 0;
        for (int i = open; i < code.Length; i++)
        {
            if (code[i] == '(') depth++;
            else if (code[i] == ')' && --depth == 0) return code[(open + 1)..i];
        }
        return code[(open + 1)..];
    }

    [GeneratedRegex(@"//[^\n]*|/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    // The process-wide generators, and layers and functions that take no generator at all.
    [GeneratedRegex(@"\bmanual_seed\s*\(|\b(functional\s*\.\s*|nn\s*\.\s*)(alpha_|feature_)?[dD]ropout\w*\s*\(|\bdropout[123]?d?_?\s*\(|\bRandom\s*\.\s*Shared\b|\bnew\s+(System\s*\.\s*)?Random\s*\(|\bRandom\s+\w+\s*=\s*new\s*\(|\bGuid\s*\.\s*NewGuid\s*\(\s*\)\s*\.\s*GetHashCode|\b(default_generator|DefaultGenerator|Generator\s*\.\s*Default)\b|\bmanual_seed_all\b|\bset_rng_state\s*\(")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"(?<![\w])(?<name>rand|randn|randint|randperm|rand_like|randn_like|randint_like|rand_out|randn_out|randint_out|randperm_out|rrelu_?|bernoulli_?|multinomial|poisson|normal|normal_|uniform_|exponential_|geometric_|log_normal_|cauchy_|random_|kaiming_normal_|kaiming_uniform_|xavier_normal_|xavier_uniform_|trunc_normal_|orthogonal_|gumbel_softmax)\s*\((?=[^;{]*[);])")]
    private static partial Regex Draw();

    // A named argument, or a variable or property that is called so.
    [GeneratedRegex(@"\b(generator\s*:|_?[gG]enerator\b|\w*[rR]andom\b)")]
    private static partial Regex Owned();
}
