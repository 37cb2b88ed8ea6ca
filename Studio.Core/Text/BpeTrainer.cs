using System.Runtime.InteropServices;
using Studio.Core.Text.Tokenization;

namespace Studio.Core.Text;

/// <summary>
/// Trains a byte-level BPE vocabulary (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909, over GPT-2's byte alphabet and
/// pre-tokenizer). The same texts always give the same vocabulary: of equally frequent pairs the one with the smaller ids is merged first.
/// </summary>
public static class BpeTrainer
{
    // Longer runs without a boundary are hashes and encoded data: they cost time and teach nothing about words.
    private const int LongestWord = 256;

    // A pair seen once is an accident of the corpus.
    private const long RarestPair = 2;

    /// <summary>Counts the words of the texts and merges the most frequent pairs until the vocabulary is full or no pair occurs twice.</summary>
    /// <param name="texts">The corpus; read once.</param>
    /// <param name="vocabularySize">The number of tokens wanted, special tokens and the 256 bytes included.</param>
    /// <param name="specialTokens">Control tokens; they get the first ids, and their spelling in the texts is passed over.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size has no room for the bytes and the special tokens.</exception>
    /// <exception cref="ArgumentException">A special token is empty or listed twice.</exception>
    public static TrainedBpe Train(IEnumerable<string> texts, int vocabularySize, IReadOnlyList<string> specialTokens)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(specialTokens);
        if (specialTokens.Any(string.IsNullOrEmpty) || specialTokens.Distinct(StringComparer.Ordinal).Count() != specialTokens.Count)
            throw new ArgumentException($"Special tokens must be distinct and not empty; found: {string.Join(", ", specialTokens)}.", nameof(specialTokens));
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, specialTokens.Count + ByteAlphabet.All.Length);

        var tokens = new List<string>(specialTokens);
        var alphabet = ByteAlphabet.All.ToArray();
        Array.Sort(alphabet);
        foreach (var character in alphabet) tokens.Add(character.ToString());

        var words = CountWords(texts, specialTokens);
        var pairs = new PairTable(words, tokens);
        var merges = new List<(string Left, string Right)>();
        while (tokens.Count < vocabularySize && pairs.TakeMostFrequent(RarestPair) is { } pair)
        {
            merges.Add((tokens[pair.Left], tokens[pair.Right]));
            tokens.Add(tokens[pair.Left] + tokens[pair.Right]);
            pairs.Merge(pair, tokens.Count - 1);
        }

        return new TrainedBpe(tokens, merges, specialTokens);
    }

    private static List<(string Word, long Count)> CountWords(IEnumerable<string> texts, IReadOnlyList<string> specialTokens)
    {
        var special = new AddedTokenMatcher(specialTokens.Select((content, id) => (content, new AddedToken { Id = id, Content = content })));
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var text in texts)
        {
            foreach (var segment in special.Split(text, null))
            {
                if (segment.Token is not null) continue;
                var plain = text[segment.Start..segment.End];
                foreach (var range in CodePointRegex.Gpt2.Ranges(plain))
                    CollectionsMarshal.GetValueRefOrAddDefault(lookup, plain.AsSpan(range.Start, range.End - range.Start), out _)++;
            }
        }

        // The order of counting follows the corpus; sorting makes the result independent of the order of its texts.
        return [.. counts.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry =>
            ByteAlphabet.Spell(entry.Key).Chunk(LongestWord).Select(chunk => (new string(chunk), entry.Value)))];
    }

    /// <summary>How often each pair of neighbouring tokens occurs, kept up to date merge by merge.</summary>
    private sealed class PairTable
    {
        private readonly int[][] _words;
        private readonly int[] _lengths;
        private readonly long[] _wordCounts;
        private readonly Dictionary<(int Left, int Right), long> _counts = [];
        private readonly Dictionary<(int Left, int Right), HashSet<int>> _places = [];
        private readonly PriorityQueue<(int Left, int Right, long Count), (long Count, int Left, int Right)> _queue = new();
        private readonly HashSet<(int Left, int Right)> _touched = [];

        public PairTable(List<(string Word, long Count)> words, List<string> tokens)
        {
            var ids = tokens.Select((token, id) => (token, id)).Where(entry => entry.token.Length == 1)
                .GroupBy(entry => entry.token[0]).ToDictionary(group => group.Key, group => group.Last().id);
            _words = [.. words.Select(word => word.Word.Select(character => ids[character]).ToArray())];
            _lengths = [.. _words.Select(word => word.Length)];
            _wordCounts = [.. words.Select(word => word.Count)];
            for (var index = 0; index < _words.Length; index++)
                for (var i = 0; i + 1 < _lengths[index]; i++) Change(index, (_words[index][i], _words[index][i + 1]), _wordCounts[index]);
            Requeue();
        }

        /// <summary>The most frequent pair, or null where none occurs often enough.</summary>
        public (int Left, int Right)? TakeMostFrequent(long atLeast)
        {
            while (_queue.TryDequeue(out var entry, out _))
            {
                var pair = (entry.Left, entry.Right);
                if (_counts.GetValueOrDefault(pair) != entry.Count) continue; // queued again with its newer count
                return entry.Count >= atLeast ? pair : null;
            }

            return null;
        }

        /// <summary>Replaces the pair by a token wherever it occurs.</summary>
        public void Merge((int Left, int Right) pair, int id)
        {
            foreach (var index in _places[pair].Order().ToArray()) MergeIn(index, pair, id);
            _counts.Remove(pair);
            _places.Remove(pair);
            _touched.Remove(pair);
            Requeue();
        }

        private void MergeIn(int index, (int Left, int Right) pair, int id)
        {
            var word = _words[index];
            var count = _wordCounts[index];
            var length = _lengths[index];
            for (var i = 0; i + 1 < length; i++) Change(index, (word[i], word[i + 1]), -count);
            var kept = 0;
            for (var i = 0; i < length; i++)
            {
                var here = i + 1 < length && word[i] == pair.Left && word[i + 1] == pair.Right;
                word[kept++] = here ? id : word[i];
                if (here) i++;
            }

            _lengths[index] = kept;
            for (var i = 0; i + 1 < kept; i++) Change(index, (word[i], word[i + 1]), count);
        }

        private void Change(int index, (int Left, int Right) pair, long by)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += by;
            _touched.Add(pair);
            if (by < 0) return;
            ref var places = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _);
            (places ??= []).Add(index);
        }

        private void Requeue()
        {
            foreach (var pair in _touched)
            {
                var count = _counts[pair];
                if (count > 0) _queue.Enqueue((pair.Left, pair.Right, count), (-count, pair.Left, pair.Right));
            }

            _touched.Clear();
        }
    }
}
