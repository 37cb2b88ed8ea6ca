using System.Text.Json.Nodes;

namespace Studio.Core.Adapters.Methods;

/// <summary>Where a learned prompt starts (PEFT <c>prompt_tuning_init</c>).</summary>
public enum PromptStart
{
    /// <summary>Standard normal values (<c>RANDOM</c>).</summary>
    Random,

    /// <summary>The embeddings of a text (<c>TEXT</c>).</summary>
    Text,

    /// <summary>The embeddings of random tokens (<c>SAMPLE_VOCAB</c>).</summary>
    Vocabulary,
}

/// <summary>Settings of prompt tuning (Lester et al. 2021), as PEFT's <c>PromptTuningConfig</c> names them.</summary>
public sealed record PromptTuningSpec : PromptSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "prompt_tuning";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Where the prompt starts.</summary>
    public PromptStart Start { get; init; }

    /// <summary>The text at whose embeddings it starts.</summary>
    public string? StartText { get; init; }

    /// <summary>Token ids of <see cref="StartText"/>, filled in by whoever has the tokenizer.</summary>
    public IReadOnlyList<int> StartIds { get; init; } = [];

    /// <summary>Name or path of the tokenizer, which PEFT notes; null = that of the base model.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>Arguments for that tokenizer as JSON, which PEFT notes; nothing here reads them.</summary>
    public string? TokenizerArguments { get; init; }

    /// <inheritdoc/>
    public override AdapterSpec WithTokens(Func<string, IReadOnlyList<int>> encode)
    {
        ArgumentNullException.ThrowIfNull(encode);
        return Start == PromptStart.Text && StartText is { Length: > 0 } text ? this with { StartIds = encode(text) } : this;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems() =>
        Start == PromptStart.Text && string.IsNullOrEmpty(StartText) ? [.. base.Problems(), "The prompt starts at a text, and there is none; expected a text or another start."] : base.Problems();
}

/// <summary>Prompt tuning's settings, as PEFT's <c>PromptTuningConfig</c> names them.</summary>
internal static class PromptTuningSettings
{
    private const string Tokenizer = "tokenizer_name_or_path", Arguments = "tokenizer_kwargs";
    private static readonly (PromptStart Start, string Word)[] Starts = [(PromptStart.Random, "RANDOM"), (PromptStart.Text, "TEXT"), (PromptStart.Vocabulary, "SAMPLE_VOCAB")];

    public static IReadOnlyList<MethodSetting> All { get; } =
    [
        .. PromptSettings<PromptTuningSpec>.All,
        new MethodSetting
        {
            Key = "prompt_tuning_init",
            Read = (config, spec) => (PromptTuningSpec)spec with { Start = Named(config.Text("prompt_tuning_init") ?? "RANDOM") ?? throw config.Wrong("prompt_tuning_init", config.Text("prompt_tuning_init")!, string.Join(", ", Starts.Select(start => start.Word))) },
            Write = spec => Word(spec),
            Field = new SettingField("Start", "Where the prompt starts: at random values, at the embeddings of a text (the best choice where you can say the task in words), or at those of random tokens.",
                SettingKind.Choice, Word, (spec, value) => (PromptTuningSpec)spec with { Start = Named((string)value!) ?? PromptStart.Random })
            {
                Choices = [.. Starts.Select(start => start.Word)],
            },
        },
        new MethodSetting
        {
            Key = "prompt_tuning_init_text",
            Read = (config, spec) => (PromptTuningSpec)spec with { StartText = config.Text("prompt_tuning_init_text") },
            Write = spec => Json(((PromptTuningSpec)spec).StartText),
            Field = new SettingField("Start text", "The text whose embeddings the prompt starts at; cut or repeated to the number of virtual tokens. Used with start TEXT only.",
                SettingKind.Text, spec => ((PromptTuningSpec)spec).StartText, (spec, value) => (PromptTuningSpec)spec with { StartText = string.IsNullOrEmpty((string?)value) ? null : (string)value, StartIds = [] }),
        },
        new MethodSetting
        {
            Key = Tokenizer,
            Read = (config, spec) => (PromptTuningSpec)spec with { Tokenizer = config.Text(Tokenizer) },
            // PEFT loads no text-initialised prompt whose config names no tokenizer.
            WriteFor = (spec, baseModel) => Json(((PromptTuningSpec)spec).Tokenizer ?? (((PromptTuningSpec)spec).Start == PromptStart.Text ? baseModel : null)),
        },
        new MethodSetting
        {
            Key = Arguments,
            Read = (config, spec) => (PromptTuningSpec)spec with { TokenizerArguments = config.Raw(Arguments)?.GetRawText() },
            Write = spec => ((PromptTuningSpec)spec).TokenizerArguments is { } arguments ? JsonNode.Parse(arguments) : null,
        },
    ];

    private static string Word(AdapterSpec spec) => Starts.First(start => start.Start == ((PromptTuningSpec)spec).Start).Word;

    private static PromptStart? Named(string word) => Starts.Where(start => start.Word == word).Select(start => (PromptStart?)start.Start).FirstOrDefault();

    private static JsonValue? Json(string? text) => text is null ? null : JsonValue.Create(text);
}
