using Microsoft.ML.Tokenizers;

namespace Studio.Core.Text.Tokenization;

/// <summary>
/// Byte-pair merging by Microsoft.ML.Tokenizers, for what it is exact and quick at: words of ordinary length in a byte-level vocabulary.
/// Its merge is quadratic in the length of a word, and it knows no byte fallback of SentencePiece, unknown tokens or suffixes as the
/// Hugging Face library has them: all that goes through <see cref="BytePairMerger"/>.
/// </summary>
internal sealed class LibraryMerges
{
    /// <summary>The longest word that is handed to the library, in characters.</summary>
    public const int LongestWord = 256;

    // The library keeps a table with a row per id up to the highest one.
    private const int SparsestIds = 4;

    private readonly BpeTokenizer _library;

    private LibraryMerges(BpeTokenizer library) => _library = library;

    /// <summary>The library over a vocabulary, or null where it would not be exact.</summary>
    /// <param name="vocabulary">The id of each token.</param>
    /// <param name="tokens">The token of each id.</param>
    /// <param name="merges">Pairs of ids by rank; of equal pairs the last counts.</param>
    /// <param name="options">The other members of the model.</param>
    public static LibraryMerges? TryCreate(
        IReadOnlyDictionary<string, int> vocabulary, IReadOnlyDictionary<int, string> tokens, IReadOnlyCollection<(int Left, int Right, int Id)> merges, BytePairOptions options)
    {
        if (options.ByteFallback || options.SubwordPrefix.Length + options.WordSuffix.Length > 0) return null;
        foreach (var character in ByteAlphabet.All)
            if (!vocabulary.ContainsKey(character.ToString())) return null;
        if (vocabulary.Values.Max() >= (long)SparsestIds * vocabulary.Count) return null;

        var places = new Dictionary<(int Left, int Right), int>(merges.Count);
        var rank = 0;
        foreach (var (left, right, id) in merges)
        {
            // The library names a merge by "left right" and its result by what both spell together.
            if (!tokens.TryGetValue(left, out var first) || !tokens.TryGetValue(right, out var second)) return null;
            if (first.Contains(' ', StringComparison.Ordinal) || second.Contains(' ', StringComparison.Ordinal)) return null;
            if (!vocabulary.TryGetValue(first + second, out var result) || result != id) return null;
            places[(left, right)] = rank++;
        }

        var lines = places.OrderBy(place => place.Value).Select(place => $"{tokens[place.Key.Left]} {tokens[place.Key.Right]}");
        return new LibraryMerges(BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = lines }));
    }

    /// <summary>Appends the ids of a word in the byte alphabet, at most <see cref="LongestWord"/> characters long.</summary>
    public void Encode(string word, List<int> ids) =>
        ids.AddRange(_library.EncodeToIds(word, considerPreTokenization: false, considerNormalization: false));
}
