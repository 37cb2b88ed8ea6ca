using System.Text;

namespace Studio.Core.Text;

/// <summary>
/// Turns conversations into tokens. Only the template makes control tokens: a message that spells one (<c>&lt;|im_end|&gt;</c> in a
/// user's text) is encoded as plain text and cannot end its turn or open another. Safe for concurrent use.
/// </summary>
public sealed class ChatEncoder
{
    private readonly IChatTemplate _template;

    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="template">Its chat template.</param>
    public ChatEncoder(TextTokenizer tokenizer, IChatTemplate template)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(template);
        Tokenizer = tokenizer;
        _template = template;
    }

    /// <summary>The tokenizer in use.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>The tokens of a conversation, as <c>apply_chat_template</c> of the transformers library gives them.</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="addGenerationPrompt">Whether to open an assistant turn for the model to fill.</param>
    public IReadOnlyList<int> EncodeChat(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt) =>
        EncodeChat(messages, new ChatTemplateOptions { AddGenerationPrompt = addGenerationPrompt });

    /// <summary>The tokens of a conversation with tools, documents or further variables of the template.</summary>
    /// <param name="messages">The turns.</param>
    /// <param name="options">What the template is given besides.</param>
    /// <exception cref="Jinja.JinjaException">The template refused the conversation or failed; the message names line and column.</exception>
    public IReadOnlyList<int> EncodeChat(IReadOnlyList<ChatMessage> messages, ChatTemplateOptions options) =>
        Encode(_template.RenderPieces(messages, options).Pieces);

    /// <summary>
    /// The tokens of a whole conversation with its loss mask: the assistant's words and the tokens that end its turns. Text is cut where
    /// the mask changes, so that the tokens to learn follow exactly the prompt tokens that generation will start from.
    /// </summary>
    /// <param name="messages">The turns.</param>
    public EncodedChat EncodeForTraining(IReadOnlyList<ChatMessage> messages)
    {
        var pieces = _template.RenderForTraining(messages).Pieces;
        var ids = new List<int>();
        var trained = new List<bool>();
        for (var start = 0; start < pieces.Count;)
        {
            var end = start;
            while (end < pieces.Count && pieces[end].Trained == pieces[start].Trained) end++;
            ids.AddRange(Encode([.. pieces.Skip(start).Take(end - start)], ids.Count == 0 ? null : ids[^1]));
            while (trained.Count < ids.Count) trained.Add(pieces[start].Trained);
            start = end;
        }

        return new EncodedChat([.. ids], [.. trained]);
    }

    /// <summary>The tokens of a plain text, all of them trained, closed by the end-of-sequence token where the model has one.</summary>
    /// <param name="text">The text; control tokens that it spells stay plain text.</param>
    public EncodedChat EncodeText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = [.. Tokenizer.Encode(text, (_, _) => false)];
        if (Tokenizer.EosId is { } eos) ids.Add(eos);
        var trained = new bool[ids.Count];
        Array.Fill(trained, true);
        return new EncodedChat([.. ids], trained);
    }

    /// <summary>The special token with which the template ends an assistant's turn; null where it writes none.</summary>
    public int? TurnEndId()
    {
        IReadOnlyList<RenderedPiece> pieces;
        try
        {
            pieces = _template.RenderPieces([new ChatMessage("user", "Question"), new ChatMessage("assistant", "Answer")], addGenerationPrompt: false).Pieces;
        }
        catch (Exception error) when (error is Jinja.JinjaException or NotSupportedException)
        {
            // A template may want more than two turns of text; then the model's own ends of sequence are all there is.
            return null;
        }

        int answer = Enumerable.Range(0, pieces.Count).LastOrDefault(i => !pieces[i].Control && pieces[i].Text.Contains("Answer", StringComparison.Ordinal), pieces.Count);
        string rest = string.Concat(pieces.Skip(answer + 1).Where(piece => piece.Control).Select(piece => piece.Text)).TrimStart();
        return Tokenizer.Encode(rest, (_, _) => true) is [var first, ..] && Tokenizer.IsSpecial(first) && first != Tokenizer.BosId ? first : null;
    }

    private IReadOnlyList<int> Encode(IReadOnlyList<RenderedPiece> pieces, int? after = null)
    {
        var text = new StringBuilder();
        var control = new List<bool>();
        foreach (var piece in pieces)
        {
            text.Append(piece.Text);
            control.AddRange(Enumerable.Repeat(piece.Control, piece.Text.Length));
        }

        // Prefix sums answer "are all characters of [start, end) control text" in constant time.
        var trusted = new int[control.Count + 1];
        for (var i = 0; i < control.Count; i++) trusted[i + 1] = trusted[i] + (control[i] ? 1 : 0);
        return Tokenizer.Encode(text.ToString(), (start, end) => trusted[end] - trusted[start] == end - start, after);
    }
}
