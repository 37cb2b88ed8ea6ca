using Studio.Core.Execution;
using Studio.Core.Generation;
using Studio.Core.Storage;
using Studio.Core.Tensors;
using Studio.Core.Text;

namespace Studio.Core.Serving;

/// <summary>A base model in memory with what chats need of it.</summary>
public sealed class LoadedModel : IAsyncDisposable
{
    private LoadedModel(ModelRecord record, BaseModel model, ChatFormat chat, ChatEncoder encoder, GenerationDefaults defaults, TextGenerator generator)
    {
        Chat = chat;
        Defaults = defaults;
        Record = record;
        Base = model;
        Encoder = encoder;
        Generator = generator;
    }

    /// <summary>What is stored of it.</summary>
    public ModelRecord Record { get; }

    /// <summary>The base model.</summary>
    public BaseModel Base { get; }

    /// <summary>Chat templates, special tokens and ends, as its folder has them.</summary>
    public ChatFormat Chat { get; }

    /// <summary>Tokenizer and chat template.</summary>
    public ChatEncoder Encoder { get; }

    /// <summary>What its generation_config.json says.</summary>
    public GenerationDefaults Defaults { get; }

    /// <summary>Generates answers on it.</summary>
    public TextGenerator Generator { get; }

    /// <summary>Puts a loaded base model into service.</summary>
    /// <param name="record">What is stored of it.</param>
    /// <param name="model">The base model; owned.</param>
    /// <param name="lanes">Where its answers are computed.</param>
    /// <param name="prefixCacheBytes">Most bytes of ended answers' keys and values to keep.</param>
    public static LoadedModel Create(ModelRecord record, BaseModel model, ComputeLanePool lanes, long prefixCacheBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        var tokenizer = TextTokenizer.Load(model.Folder);
        if (tokenizer.VocabularySize > model.Config.Vocabulary)
            throw new InvalidDataException($"'{model.Folder}': the tokenizer has {tokenizer.VocabularySize} tokens, the model {model.Config.Vocabulary}.");
        var defaults = GenerationDefaults.Read(model.Folder, model.Config.Vocabulary);
        // generation_config.json wins over config.json.
        var chat = ChatFormat.OfModel(model.Folder, tokenizer, defaults.EosIds.Count > 0 ? defaults.EosIds : model.Config.EosIds);
        return new LoadedModel(record, model, chat, chat.Encoder(tokenizer), defaults, new TextGenerator(model, tokenizer, chat.StopIds, lanes, prefixCacheBytes));
    }

    /// <summary>Ends its chats and frees it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Generator.DisposeAsync().ConfigureAwait(false);
        Base.Dispose();
    }
}
