using Studio.Bench.Verify;
using Studio.Core;
using Studio.Core.Generation;
using Studio.Core.Tensors;
using Studio.Core.Text;
using Studio.Core.Text.Jinja;
using static TorchSharp.torch;

namespace Studio.Bench.Soak.Fuzz;

/// <summary>Loads damaged files as the product does, and uses what loads for a moment.</summary>
internal static class FuzzTarget
{
    private const int LongestMessage = 6_000;

    private static readonly string[] Texts = ["Hello wörld, 123!  \n\ta", "naïve 😀 <s> <|im_end|> \0 ﷺ", new string('x', 2_000)];
    private static readonly ChatMessage[] Conversation = [new("system", "Be kind."), new("user", "Hi {{ x }} <|im_end|>"), new("assistant", "héllo"), new("user", "more")];

    /// <summary>Puts a damaged file among its sound neighbours and loads it.</summary>
    /// <param name="seed">What the file was.</param>
    /// <param name="bytes">What it is now.</param>
    /// <returns>The refusal; null where it loaded.</returns>
    /// <exception cref="Exception">Anything that no user should see.</exception>
    public static string? Try(FuzzSeed seed, byte[] bytes)
    {
        var folder = Directory.CreateTempSubdirectory("fuzz-");
        try
        {
            foreach (string neighbour in Directory.EnumerateFiles(Path.GetDirectoryName(seed.Path)!).Where(file => file != seed.Path && seed.Kind != FuzzKind.Template))
                File.CreateSymbolicLink(Path.Combine(folder.FullName, Path.GetFileName(neighbour)), neighbour);
            string path = Path.Combine(folder.FullName, Path.GetFileName(seed.Path));
            File.WriteAllBytes(path, bytes);
            Load(seed.Kind, folder.FullName, path);
            return null;
        }
        catch (Exception error) when (error is InvalidDataException or NotSupportedException or IOException or JinjaException or StudioException)
        {
            if (error.Message.Length > LongestMessage) throw new InvalidOperationException($"The refusal has {error.Message.Length} characters: {error.Message[..200]}...", error);
            return error.Message;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Load(FuzzKind kind, string folder, string path)
    {
        switch (kind)
        {
            case FuzzKind.Tensors:
                Tensors(path);
                Model(folder);
                break;
            case FuzzKind.Config:
                Model(folder);
                break;
            case FuzzKind.Tokenizer:
                Tokenizer(folder);
                break;
            default:
                Render(ChatTemplate.Parse(File.ReadAllText(path)));
                break;
        }
    }

    private static void Tensors(string path)
    {
        using var file = SafeTensorsFile.Open(path);
        using var scope = NewDisposeScope();
        foreach (string name in file.Header.Tensors.Keys) _ = file.Map(name).cpu();
    }

    private static void Model(string folder)
    {
        using var model = new ModelRun(folder);
        GenerationDefaults.Read(folder, model.Config.Vocabulary);
        _ = model.Config.ParameterCount;
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        int[] ids = [.. Enumerable.Range(0, 5).Select(i => (i * 7 + 1) % model.Config.Vocabulary)];
        _ = model.Logits(null, [new LabelledSequence(ids, ids, [.. Enumerable.Range(0, ids.Length)])]);
    }

    private static void Tokenizer(string folder)
    {
        var tokenizer = TextTokenizer.Load(folder);
        foreach (string text in Texts) tokenizer.Decode(tokenizer.Encode(text, addSpecialTokens: true), skipSpecialTokens: false);
        var streaming = new StreamingDecoder(tokenizer);
        foreach (int id in tokenizer.Encode(Texts[0], addSpecialTokens: true)) streaming.Push(id);
        streaming.Flush();
        IChatTemplate template;
        try
        {
            template = ChatTemplate.Load(folder, tokenizer);
        }
        catch (NotSupportedException)
        {
            // Many tokenizers have no template; encoding is all they are for.
            return;
        }
        var encoder = new ChatEncoder(tokenizer, template);
        encoder.TurnEndId();
        encoder.EncodeChat(Conversation, addGenerationPrompt: true);
        encoder.EncodeForTraining(Conversation);
    }

    private static void Render(IChatTemplate template)
    {
        template.Render(Conversation, addGenerationPrompt: true);
        template.RenderForTraining(Conversation);
    }
}
