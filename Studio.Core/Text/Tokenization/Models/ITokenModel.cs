namespace Studio.Core.Text.Tokenization;

/// <summary>The <c>model</c> of tokenizer.json: turns one word into tokens. Safe for concurrent use.</summary>
internal interface ITokenModel
{
    /// <summary>The id of each of the model's own tokens, without the added ones.</summary>
    IReadOnlyDictionary<string, int> Vocabulary { get; }

    /// <summary>The spelling of each id. Where two spellings share an id, the later of the file.</summary>
    IReadOnlyDictionary<int, string> Tokens { get; }

    /// <summary>How many tokens the model counts; the first new added token gets this id.</summary>
    int Count { get; }

    /// <summary>Appends the ids of one word, which is not empty.</summary>
    /// <exception cref="InvalidDataException">The word needs an unknown token that the model lacks.</exception>
    void Encode(string word, List<int> ids);
}
