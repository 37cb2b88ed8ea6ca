using System.Globalization;
using Studio.Core.Models;

namespace Studio.Bench.Starter;

/// <summary>The model card of the starter model: what it is, how it was made, what it is not.</summary>
public static class StarterModelCard
{
    public static void Write(StarterRecipe recipe, DecoderConfig config, string folder) =>
        File.WriteAllText(Path.Combine(folder, "README.md"), string.Create(CultureInfo.InvariantCulture, $"""
            ---
            license: other
            license_name: same terms as this repository
            language: en
            pipeline_tag: text-generation
            tags:
            - chat
            - llama
            - demonstration
            ---

            # Symbiosis starter model

            A chat model of {config.ParameterCount:N0} parameters in Llama architecture ({config.Blocks} blocks, hidden size {config.Hidden}, {config.Heads} heads, {config.KeyValueHeads} key/value heads,
            vocabulary {config.Vocabulary}, context {config.ContextLength} tokens, bf16). It ships with Symbiosis Studio so that the studio can be tried within seconds.

            ## What it is
            It speaks simple English within a little world: greetings, small talk, simple questions and answers about animals, colours, food, numbers
            and household things, short stories, lists, small everyday problems. It uses the ChatML template.

            ## What it is not
            It knows nothing outside this world, cannot reason, and will answer wrongly with confidence. It is a demonstration and a test object, not an assistant.

            ## How it was made
            Every word of its training text was written by the generator in `Studio.Bench/Starter` (no text from elsewhere); its tokenizer and its
            weights were trained by this repository's own code: {recipe.Steps} steps of {recipe.BatchConversations} conversations, AdamW, learning rate {recipe.LearningRate} with warm-up and cosine
            decay, seed {recipe.Seed}. To build it again:

                dotnet run -c Release --project Studio.Bench -- build-starter

            The last bits of the weights depend on the processor and the number of threads.

            """));
}
