using System.Text.Json;
using Studio.Core.Models;
using Studio.Core.Storage;
using Studio.Core.Tensors;
using Studio.Core.Text;
using static TorchSharp.torch;

namespace Studio.Bench.Starter;

/// <summary>Builds <c>models/starter</c>: vocabulary, training, and the folder in Hugging Face layout.</summary>
public static class StarterBuilder
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly string[] Architectures = ["LlamaForCausalLM"];

    /// <summary>Builds the model into a folder, which appears only when everything in it is written.</summary>
    public static void Build(StarterRecipe recipe, string folder, TextWriter log, ScalarType computeType, CancellationToken ct = default) =>
        AtomicDirectory.Write(folder, target => BuildInto(recipe, target, log, computeType, ct));

    private static void BuildInto(StarterRecipe recipe, string folder, TextWriter log, ScalarType computeType, CancellationToken ct)
    {
        var texts = StarterCorpus.Generate(recipe.Seed - 1, recipe.VocabularyConversations).SelectMany(chat => chat.Messages).SelectMany(message => new[] { message.Role + "\n", message.Content });
        BpeTrainer.Train(texts, recipe.Vocabulary, [StarterRecipe.EndOfText, StarterRecipe.StartOfTurn, StarterRecipe.EndOfTurn]).Save(folder, new TokenizerFiles
        {
            BosToken = StarterRecipe.EndOfText,
            EosToken = StarterRecipe.EndOfTurn,
            PadToken = StarterRecipe.EndOfText,
            ChatTemplate = ChatTemplate.ChatMl,
            ModelMaxLength = recipe.ContextLength,
        });
        var tokenizer = TextTokenizer.Load(folder);
        var config = recipe.Config(tokenizer.TokenId(StarterRecipe.EndOfText)!.Value, tokenizer.TokenId(StarterRecipe.EndOfTurn)!.Value);
        log.WriteLine($"vocabulary {tokenizer.VocabularySize}, parameters {config.ParameterCount:N0}");
        using var random = new Generator((ulong)recipe.Seed, CPU);
        using var decoder = new TrainableDecoder(config, computeType, random);
        new StarterTrainer(recipe, new StarterText(tokenizer), decoder).Train(log, ct);
        SaveWeights(decoder, folder);
        SaveConfigs(config, folder);
        StarterModelCard.Write(recipe, config, folder);
    }

    private static void SaveWeights(TrainableDecoder decoder, string folder)
    {
        using var scope = NewDisposeScope();
        var tensors = decoder.Parameters.Entries.OrderBy(entry => entry.Name, StringComparer.Ordinal)
            .Select(entry => KeyValuePair.Create(entry.Name, decoder.Parameters[entry.Name].detach().to(ScalarType.BFloat16))).ToList();
        SafeTensorsFile.Write(Path.Combine(folder, "model.safetensors"), tensors);
    }

    private static void SaveConfigs(DecoderConfig config, string folder)
    {
        Save(Path.Combine(folder, "config.json"), new
        {
            architectures = Architectures,
            attention_bias = false,
            bos_token_id = config.BosId,
            eos_token_id = config.EosIds[0],
            head_dim = config.HeadWidth,
            hidden_act = "silu",
            hidden_size = config.Hidden,
            intermediate_size = config.MlpWidth,
            max_position_embeddings = config.ContextLength,
            mlp_bias = false,
            model_type = config.Family,
            num_attention_heads = config.Heads,
            num_hidden_layers = config.Blocks,
            num_key_value_heads = config.KeyValueHeads,
            rms_norm_eps = config.NormEpsilon,
            rope_theta = config.Rotary!.Theta,
            tie_word_embeddings = config.TiedHead,
            torch_dtype = "bfloat16",
            vocab_size = config.Vocabulary,
        });
        Save(Path.Combine(folder, "generation_config.json"), new
        {
            bos_token_id = config.BosId,
            eos_token_id = config.EosIds,
            do_sample = true,
            temperature = 0.7,
            top_p = 0.9,
        });
    }

    private static void Save(string path, object content) => File.WriteAllText(path, JsonSerializer.Serialize(content, Indented) + "\n");
}
