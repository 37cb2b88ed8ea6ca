using System.Text.Json;
using Studio.Core.Tensors;
using Studio.Core.Text;
using static TorchSharp.torch;

namespace Studio.Tests.Runs;

/// <summary>Writes a whole base model in Hugging Face layout: a two-block Llama with random fp32 weights from a fixed seed, and a ChatML tokenizer.</summary>
internal static class TinyModelFolder
{
    public const int ContextLength = 512;
    private const int Hidden = 32, Inner = 48, Heads = 4, KeyValueHeads = 2, HeadWidth = 8, Blocks = 2;
    private const string EndOfText = "<|endoftext|>", StartOfTurn = "<|im_start|>", EndOfTurn = "<|im_end|>";

    public static void Write(string folder)
    {
        BpeTrainer.Train(TestRows.Words, vocabularySize: 290, [EndOfText, StartOfTurn, EndOfTurn]).Save(folder, new TokenizerFiles
        {
            BosToken = EndOfText,
            EosToken = EndOfTurn,
            PadToken = EndOfText,
            ChatTemplate = ChatTemplate.ChatMl,
            ModelMaxLength = ContextLength,
        });
        int vocabulary = TextTokenizer.Load(folder).VocabularySize;
        WriteConfig(folder, vocabulary);
        WriteWeights(folder, vocabulary);
    }

    private static void WriteConfig(string folder, int vocabulary) =>
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["architectures"] = new[] { "LlamaForCausalLM" },
            ["model_type"] = "llama",
            ["vocab_size"] = vocabulary,
            ["hidden_size"] = Hidden,
            ["intermediate_size"] = Inner,
            ["num_hidden_layers"] = Blocks,
            ["num_attention_heads"] = Heads,
            ["num_key_value_heads"] = KeyValueHeads,
            ["head_dim"] = HeadWidth,
            ["hidden_act"] = "silu",
            ["max_position_embeddings"] = ContextLength,
            ["rms_norm_eps"] = 1e-5,
            ["rope_theta"] = 10000,
            ["tie_word_embeddings"] = true,
            ["torch_dtype"] = "float32",
            ["eos_token_id"] = 2,
        }));

    private static void WriteWeights(string folder, int vocabulary)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(11);
        var tensors = new List<KeyValuePair<string, Tensor>> { KeyValuePair.Create("model.embed_tokens.weight", randn([vocabulary, Hidden], generator: random) * 0.5) };
        for (int block = 0; block < Blocks; block++)
        {
            string name = $"model.layers.{block}.";
            Projection(name + "self_attn.q_proj", Heads * HeadWidth, Hidden);
            Projection(name + "self_attn.k_proj", KeyValueHeads * HeadWidth, Hidden);
            Projection(name + "self_attn.v_proj", KeyValueHeads * HeadWidth, Hidden);
            Projection(name + "self_attn.o_proj", Hidden, Heads * HeadWidth);
            Projection(name + "mlp.gate_proj", Inner, Hidden);
            Projection(name + "mlp.up_proj", Inner, Hidden);
            Projection(name + "mlp.down_proj", Hidden, Inner);
            Norm(name + "input_layernorm");
            Norm(name + "post_attention_layernorm");
        }
        Norm("model.norm");
        SafeTensorsFile.Write(Path.Combine(folder, "model.safetensors"), tensors);

        void Projection(string name, int rows, int columns) => tensors.Add(KeyValuePair.Create(name + ".weight", randn([rows, columns], generator: random) / Math.Sqrt(columns)));

        void Norm(string name) => tensors.Add(KeyValuePair.Create(name + ".weight", 1 + (randn([Hidden], generator: random) * 0.1)));
    }
}
