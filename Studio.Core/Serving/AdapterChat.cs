using System.Globalization;
using Studio.Core.Text;

namespace Studio.Core.Serving;

/// <summary>How an adapter is spoken to, for people.</summary>
/// <param name="Templates">The chat templates by name; the usual one is called <c>default</c>.</param>
/// <param name="Tokens">The special tokens that the templates see, by their names.</param>
/// <param name="Stops">The tokens that end an answer; by their ids where the base model is not loaded.</param>
/// <param name="IsOwn">Whether the adapter keeps them itself; otherwise they are those of its base model as it is now.</param>
public sealed record AdapterChat(IReadOnlyDictionary<string, string> Templates, IReadOnlyDictionary<string, string> Tokens, IReadOnlyList<string> Stops, bool IsOwn)
{
    /// <summary>A format in words.</summary>
    internal static AdapterChat Of(ChatFormat format, TextTokenizer? tokenizer, bool isOwn) => new(format.Templates, format.Tokens,
        [.. format.StopIds.Select(id => tokenizer?.TokenText(id) ?? id.ToString(CultureInfo.InvariantCulture))], isOwn);
}
