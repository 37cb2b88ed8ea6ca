namespace Studio.Core.Text.Tokenization;

/// <summary>Takes out the spaces that word-level tokenizers leave before punctuation and contractions.</summary>
internal static class SpaceCleanup
{
    private static readonly (string Found, string Wanted)[] Contractions = [(" 's", "'s"), (" 've", "'ve"), (" 're", "'re")];

    /// <summary>The ten replacements of <c>clean_up_tokenization</c> in version 4 of the transformers library.</summary>
    public static string Transformers(string text) => Replace(Common(text), Contractions);

    /// <summary>Those of the WordPiece decoder of the tokenizers library: one more than the ten.</summary>
    public static string WordPiece(string text) => Replace(Common(text).Replace(" do not", " don't", StringComparison.Ordinal), Contractions);

    private static string Common(string text) => text.Contains(' ')
        ? Replace(text, (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"))
        : text;

    private static string Replace(string text, params (string Found, string Wanted)[] replacements)
    {
        foreach (var (found, wanted) in replacements) text = text.Replace(found, wanted, StringComparison.Ordinal);
        return text;
    }
}
