using System.Text.Json;
using Studio.Core.Models;

namespace Studio.Core.Generation;

/// <summary>Reads generation_config.json, whose keys are those of transformers' <c>GenerationConfig</c>.</summary>
internal sealed class GenerationConfigFile(string path, int vocabulary)
{
    // Settings that change what is generated and that the studio has not, with the values that change nothing.
    private static readonly (string Key, string[] Neutral)[] Others =
    [
        ("num_beams", ["1"]), ("num_beam_groups", ["1"]), ("penalty_alpha", ["0", "0.0"]), ("guidance_scale", ["1", "1.0"]), ("sequence_bias", []),
        ("encoder_repetition_penalty", ["1", "1.0"]), ("encoder_no_repeat_ngram_size", ["0"]), ("min_length", ["0"]), ("max_length", []),
        ("forced_bos_token_id", []), ("forced_eos_token_id", []), ("begin_suppress_tokens", ["[]"]), ("exponential_decay_length_penalty", []),
        ("top_h", ["1", "1.0"]), ("watermarking_config", []), ("constraints", []), ("force_words_ids", []), ("max_time", []),
    ];

    private readonly ConfigReader _config = ConfigReader.Open(path);
    private readonly List<string> _found = [];

    public GenerationDefaults Read()
    {
        var studio = new SamplingSettings();
        double temperature = Number("temperature", nameof(studio.Temperature), studio.Temperature);
        bool greedy = _config.Has("do_sample") ? !_config.Flag("do_sample", false) : studio.Greedy;
        if (_config.Has("do_sample")) _found.Add(nameof(studio.Greedy));
        if (temperature == 0 && !_config.Flag("do_sample", false))
        {
            // Where nothing asks for sampling, files say 0 for "always the likeliest".
            (greedy, temperature) = (true, studio.Temperature);
            _found.Remove(nameof(studio.Temperature));
            if (!_found.Contains(nameof(studio.Greedy))) _found.Add(nameof(studio.Greedy));
        }
        int fewest = Whole("min_new_tokens", nameof(studio.MinNewTokens), 0, 0);
        int most = Whole("max_new_tokens", nameof(studio.MaxNewTokens), Math.Max(studio.MaxNewTokens, fewest), 1);
        if (most < fewest) throw _config.Wrong("min_new_tokens", fewest, $"at most max_new_tokens ({most})");
        var settings = studio with
        {
            Greedy = greedy,
            RepetitionPenalty = Positive("repetition_penalty", nameof(studio.RepetitionPenalty), studio.RepetitionPenalty, double.MaxValue, "a number above 0"),
            NoRepeatNgramSize = Whole("no_repeat_ngram_size", nameof(studio.NoRepeatNgramSize), 0, 0),
            BadWords = Words("bad_words_ids", nameof(studio.BadWords)),
            // The context bounds every answer: more than any context holds is as good as the most that can be asked for.
            MinNewTokens = Math.Min(fewest, 100_000),
            MaxNewTokens = Math.Min(most, 100_000),
            SuppressTokens = Noted("suppress_tokens", nameof(studio.SuppressTokens), Ids("suppress_tokens")),
            Temperature = temperature > 0 ? temperature : throw _config.Wrong("temperature", temperature, "a number above 0"),
            TopK = Whole("top_k", nameof(studio.TopK), studio.TopK, 0),
            TopP = Positive("top_p", nameof(studio.TopP), studio.TopP, 1, "above 0 and at most 1"),
            MinP = Share("min_p", nameof(studio.MinP)),
            TypicalP = Positive("typical_p", nameof(studio.TypicalP), studio.TypicalP, 1, "above 0 and at most 1"),
            EpsilonCutoff = Share("epsilon_cutoff", nameof(studio.EpsilonCutoff)),
            EtaCutoff = Share("eta_cutoff", nameof(studio.EtaCutoff)),
            Stop = Texts("stop_strings", nameof(studio.Stop)),
        };
        return new GenerationDefaults { Sampling = settings, FromModel = _found, EosIds = Ids("eos_token_id"), NotApplied = [.. Others.Select(Asked).OfType<string>()] };
    }

    private string? Asked((string Key, string[] Neutral) other) =>
        _config.Raw(other.Key)?.GetRawText() is { } value && !other.Neutral.Contains(value) ? $"{other.Key} = {(value.Length <= 60 ? value : value[..60] + "...")}" : null;

    private double Number(string key, string property, double studio) => Noted(key, property, _config.Number(key, studio));

    private double Positive(string key, string property, double studio, double most, string wanted) =>
        Number(key, property, studio) is var value && value > 0 && value <= most ? value : throw _config.Wrong(key, value, wanted);

    private double Share(string key, string property) =>
        Number(key, property, 0) is var value && value is >= 0 and < 1 ? value : throw _config.Wrong(key, value, "at least 0 and below 1");

    private int Whole(string key, string property, int studio, int least) =>
        Noted(key, property, _config.Int(key, studio)) is var value && value >= least ? value : throw _config.Wrong(key, value, $"a whole number of at least {least}");

    private IReadOnlyList<int> Ids(string key) => [.. _config.Ints(key).Select(id => InVocabulary(key, id))];

    private IReadOnlyList<IReadOnlyList<int>> Words(string key, string property)
    {
        const string Wanted = "a list of lists of token ids";
        if (_config.Raw(key) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) throw _config.Wrong(key, value, Wanted);
        return Noted(key, property, (IReadOnlyList<IReadOnlyList<int>>)[.. value.EnumerateArray().Select(word =>
            word.ValueKind == JsonValueKind.Array && word.GetArrayLength() > 0
                ? (IReadOnlyList<int>)[.. word.EnumerateArray().Select(id =>
                    id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int number) ? InVocabulary(key, number) : throw _config.Wrong(key, id, Wanted))]
                : throw _config.Wrong(key, word, Wanted))]);
    }

    private IReadOnlyList<string> Texts(string key, string property)
    {
        if (_config.Raw(key) is not { } value) return [];
        IReadOnlyList<string> texts = value.ValueKind == JsonValueKind.String ? [_config.Text(key)!]
            : value.ValueKind == JsonValueKind.Array ? _config.Texts(key) : throw _config.Wrong(key, value, "a text or a list of texts");
        if (texts.Any(string.IsNullOrEmpty)) throw _config.Wrong(key, value, "texts that are not empty");
        return Noted(key, property, texts);
    }

    private int InVocabulary(string key, int id) => id >= 0 && id < vocabulary ? id : throw _config.Wrong(key, id, $"token ids from 0 to {vocabulary - 1}");

    private T Noted<T>(string key, string property, T value)
    {
        if (_config.Has(key)) _found.Add(property);
        return value;
    }
}
