using Studio.Core.Execution;
using Studio.Core.Generation;
using Studio.Core.Storage;
using Studio.Core.Tensors;
using Studio.Core.Text;

namespace Studio.Core.Serving;

/// <summary>A base model in memory with what chats need of it.</summary>
public sealed class LoadedModel : IAsyncDisposable
{
    private LoadedModel(ModelRecord record, BaseModel model, ChatEncoder encoder, TextGenerator generator)
    {
        Record = record;
        Base = model;
        Encoder = encoder;
        Generator = generator;
    }

    /// <summary>What is stored of it.</summary>
    public ModelRecord Record { get; }

    /// <summary>The base model.</summary>
    public BaseModel Base { get; }

    /// <summary>Tokenizer and chat template.</summary>
    public ChatEncoder Encoder { get; }

    /// <summary>Generates answers on it.</summary>
    public TextGenerator Generator { get; }

    /// <summary>Puts a loaded base model into service.</summary>
    public static LoadedModel Create(ModelRecord record, BaseModel model, ComputeLanePool lanes)
    {
        ArgumentNullException.ThrowIfNull(model);
        var tokenizer = TextTokenizer.Load(model.Folder);
        if (tokenizer.VocabularySize > model.Config.Vocabulary)
            throw new InvalidDataException($"'{model.Folder}': the tokenizer has {tokenizer.VocabularySize} tokens, the model {model.Config.Vocabulary}.");
        var encoder = new ChatEncoder(tokenizer, ChatTemplate.Load(model.Folder, tokenizer));
        int[] stops = [.. tokenizer.StopIds.Union(model.Config.EosIds)];
        return new LoadedModel(record, model, encoder, new TextGenerator(model, tokenizer, stops, lanes));
    }

    /// <summary>Ends its chats and frees it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Generator.DisposeAsync().ConfigureAwait(false);
        Base.Dispose();
    }
}
