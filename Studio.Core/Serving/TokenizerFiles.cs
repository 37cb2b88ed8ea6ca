using Studio.Core.Text;

namespace Studio.Core.Serving;

/// <summary>The tokenizer's files in an exported adapter, as transformers expects them: PEFT passes them over, <c>AutoTokenizer</c> reads them.</summary>
internal static class TokenizerFiles
{
    private const string ConfigFile = "tokenizer_config.json";

    // Files that hold the vocabulary; what says special tokens and templates comes from the format.
    private static readonly string[] Vocabulary =
        ["tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.json", "merges.txt", "added_tokens.json"];

    /// <summary>Writes them.</summary>
    /// <param name="folder">The exported folder.</param>
    /// <param name="chat">Templates, special tokens and ends.</param>
    /// <param name="modelFolder">Folder of the base model.</param>
    public static void Write(string folder, ChatFormat chat, string modelFolder)
    {
        foreach (string name in Vocabulary)
            if (Path.Combine(modelFolder, name) is var file && File.Exists(file)) File.Copy(file, Path.Combine(folder, name));
        string config = Path.Combine(modelFolder, ConfigFile);
        chat.Write(folder, File.Exists(config) ? config : null);
    }
}
