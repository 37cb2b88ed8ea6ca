namespace Studio.Core.Text.Tokenization;

/// <summary>A word on its way through the pre-tokenizer.</summary>
/// <param name="Text">Its text; never empty.</param>
/// <param name="IsFirst">Whether it starts where the whole input starts.</param>
/// <param name="Continues">Whether it goes on from text that was encoded before: nothing is put before it.</param>
internal readonly record struct WordPiece(string Text, bool IsFirst, bool Continues = false)
{
    /// <summary>A part of the word, which may have been respelled.</summary>
    public WordPiece Part(int start, string text) => new(text, IsFirst && start == 0, Continues && start == 0);
}

/// <summary>One step of a pre-tokenizer: appends the pieces of a word.</summary>
internal delegate void PreTokenizerStep(WordPiece word, List<WordPiece> pieces);

/// <summary>The <c>pre_tokenizer</c> of tokenizer.json: cuts a text into the words that the model sees one by one. None = one word.</summary>
internal sealed class PreTokenizer(IReadOnlyList<PreTokenizerStep> steps)
{
    /// <exception cref="NotSupportedException">A kind of pre-tokenizer that is not supported.</exception>
    public static PreTokenizer Read(JsonNode? node)
    {
        var steps = new List<PreTokenizerStep>();
        if (node is not null) PreTokenizerReader.Add(node.Value.Object(), steps);
        return new PreTokenizer(steps);
    }

    /// <summary>The words of a text.</summary>
    public List<WordPiece> Split(WordPiece text)
    {
        var pieces = new List<WordPiece> { text };
        foreach (var step in steps)
        {
            var next = new List<WordPiece>(pieces.Count);
            foreach (var piece in pieces) step(piece, next);
            pieces = next;
        }

        return pieces;
    }
}
