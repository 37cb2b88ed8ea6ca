using System.Text.Json;
using System.Text.Json.Nodes;
using Studio.Core.Models;
using static Studio.Core.Adapters.MethodSettings<Studio.Core.Adapters.Methods.TrainableTokensSpec>;

namespace Studio.Core.Adapters.Methods;

/// <summary>Settings of trained token rows as a method of their own (PEFT <c>TrainableTokensConfig</c>).</summary>
public sealed record TrainableTokensSpec : AdapterSpec
{
    /// <summary>Registered name.</summary>
    public const string MethodName = "trainable_tokens";

    /// <inheritdoc/>
    public override string Method => MethodName;

    /// <summary>Ids of the trained tokens.</summary>
    public IReadOnlyList<int> TokenIndices { get; init; } = [];

    /// <summary>Whose rows; empty = the token embedding's.</summary>
    public TargetSelection Targets { get; init; } = new();

    /// <summary>Whether the rows start at the base's; else at random.</summary>
    public bool InitWeights { get; init; } = true;

    /// <inheritdoc/>
    public override bool StartsAsBase => InitWeights;

    /// <summary>How the method is registered.</summary>
    public static AdapterMethod Registration { get; } = new()
    {
        Name = MethodName,
        PeftType = "TRAINABLE_TOKENS",
        Title = "Trainable tokens",
        Summary = "Trains the embeddings of a few tokens and nothing else. For new special tokens, or words that mean something else in your data.",
        Source = "PEFT, TrainableTokensConfig (2025); no paper",
        LearningRates = new LearningRateAdvice(1e-4, 2e-1, "PEFT's MetaMathQA comparison (2e-1 for two tokens); the lower end is this studio's own guess"),
        Defaults = new TrainableTokensSpec(),
        Settings =
        [
            new MethodSetting
            {
                Key = "token_indices",
                Read = (config, spec) => (TrainableTokensSpec)spec with { TokenIndices = config.Ints("token_indices") },
                Write = spec => TokenSelection.Ids(((TrainableTokensSpec)spec).TokenIndices),
                Problems = spec => ((TrainableTokensSpec)spec).TokenIndices.Count == 0 ? ["Tokens are empty; expected at least one token id."] : [],
                Field = TokenSelection.Field("Tokens", "Ids of the tokens whose embeddings are trained, separated by commas.",
                    spec => ((TrainableTokensSpec)spec).TokenIndices, (spec, ids) => (TrainableTokensSpec)spec with { TokenIndices = ids }) with { Advanced = false },
            },
            new MethodSetting
            {
                Key = "target_modules",
                Read = (config, spec) => (TrainableTokensSpec)spec with
                {
                    Targets = config.Raw("target_modules") is { ValueKind: JsonValueKind.String } pattern
                        ? new TargetSelection { Pattern = pattern.GetString() }
                        : new TargetSelection { Names = config.Texts("target_modules") },
                },
                Write = spec => ((TrainableTokensSpec)spec).Targets is { IsEmpty: false } targets
                    ? targets.Pattern is { } pattern ? JsonValue.Create(pattern) : SharedSettings.Texts(targets.Names)
                    : (JsonNode?)null,
            },
            Flag("init_weights", "Start from the base", "Whether the rows start as the base has them. Off: at random, which forgets what the tokens meant.",
                spec => spec.InitWeights, (spec, value) => spec with { InitWeights = value }, absent: true, advanced: true),
        ],
        Entries = (spec, modules) => TokenRows.Entries(TokenRows.OfMethod((TrainableTokensSpec)spec, modules)),
        Create = (spec, site, parameters) => new TokenRows(spec, site, parameters, TokenRows.OfMethod((TrainableTokensSpec)spec, site.Modules), ((TrainableTokensSpec)spec).InitWeights),
    };

    /// <inheritdoc/>
    public override IReadOnlyList<string> Problems(ModuleMap modules)
    {
        var problems = base.Problems(modules);
        var misfits = Targets.IsEmpty ? [] : Targets.Problems(modules, TargetKinds.Embedding | TargetKinds.Linear, Registration.Title);
        return misfits.Count > 0 || problems.Count > 0 ? [.. problems, .. misfits] : [.. TokenRows.Misfits(TokenRows.OfMethod(this, modules))];
    }
}
