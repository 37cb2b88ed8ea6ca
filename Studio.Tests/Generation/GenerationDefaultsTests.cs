using Studio.Core.Generation;
using Studio.Tests.Storage;

namespace Studio.Tests.Generation;

public sealed class GenerationDefaultsTests : IDisposable
{
    private readonly TestDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_NoFile_IsTheStudios() => Assert.Same(GenerationDefaults.Studio, GenerationDefaults.Read(_folder.Root, 100));

    [Fact]
    public void Read_EverySetting_IsTheDefaultAndNamed()
    {
        var defaults = Read("""
            {"do_sample": true, "temperature": 0.6, "top_k": 20, "top_p": 0.95, "min_p": 0.05, "typical_p": 0.9, "epsilon_cutoff": 0.0003, "eta_cutoff": 0.002,
             "repetition_penalty": 1.05, "max_new_tokens": 64, "min_new_tokens": 2, "no_repeat_ngram_size": 3, "bad_words_ids": [[7], [8, 9]],
             "suppress_tokens": [1, 2], "stop_strings": "###", "eos_token_id": [5, 6], "pad_token_id": 0, "transformers_version": "4.51.0"}
            """);
        var sampling = defaults.Sampling;
        Assert.Equal((false, 0.6, 20, 0.95, 0.05), (sampling.Greedy, sampling.Temperature, sampling.TopK, sampling.TopP, sampling.MinP));
        Assert.Equal((0.9, 0.0003, 0.002, 1.05), (sampling.TypicalP, sampling.EpsilonCutoff, sampling.EtaCutoff, sampling.RepetitionPenalty));
        Assert.Equal((64, 2, 3), (sampling.MaxNewTokens, sampling.MinNewTokens, sampling.NoRepeatNgramSize));
        Assert.Equal([[7], [8, 9]], sampling.BadWords);
        Assert.Equal([1, 2], sampling.SuppressTokens);
        Assert.Equal(["###"], sampling.Stop);
        Assert.Equal([5, 6], defaults.EosIds);
        Assert.Equal(typeof(SamplingSettings).GetProperties().Select(property => property.Name).Where(name => name != nameof(SamplingSettings.Seed)).Order(), defaults.FromModel.Order());
        Assert.Empty(sampling.Problems());
        Assert.Empty(defaults.NotApplied);
    }

    [Fact]
    public void Read_LeftOutOrNull_IsTheStudios()
    {
        var defaults = Read("""{"eos_token_id": 7, "temperature": null, "top_k": null, "do_sample": null}""");
        Assert.Equal(new SamplingSettings() with { Stop = [], BadWords = [], SuppressTokens = [] }, defaults.Sampling with { Stop = [], BadWords = [], SuppressTokens = [] });
        Assert.Equal([7], defaults.EosIds);
        Assert.Empty(defaults.FromModel);
    }

    [Theory]
    [InlineData("""{"do_sample": false, "temperature": 0.0}""")]
    [InlineData("""{"temperature": 0}""")]
    public void Read_TemperatureZeroWithoutSampling_IsGreedy(string json)
    {
        var defaults = Read(json);
        Assert.True(defaults.Sampling.Greedy);
        Assert.Equal([nameof(SamplingSettings.Greedy)], defaults.FromModel);
        Assert.Empty(defaults.Sampling.Problems());
    }

    [Fact]
    public void Read_WhatTheStudioHasNot_IsNamedUnlessItChangesNothing() =>
        Assert.Equal(["num_beams = 4", "max_length = 4096"],
            Read("""{"num_beams": 4, "max_length": 4096, "num_beam_groups": 1, "guidance_scale": 1.0, "min_length": 0, "forced_eos_token_id": null, "begin_suppress_tokens": []}""").NotApplied);

    [Theory]
    [InlineData("""{"temperature": "hot"}""", "temperature is hot; expected a number.")]
    [InlineData("""{"temperature": true}""", "temperature is True; expected a number.")]
    [InlineData("""{"temperature": -1}""", "temperature is -1; expected a number above 0.")]
    [InlineData("""{"do_sample": true, "temperature": 0}""", "temperature is 0; expected a number above 0.")]
    [InlineData("""{"do_sample": "yes"}""", "do_sample is yes; expected true or false.")]
    [InlineData("""{"top_k": 1.5}""", "top_k is 1.5; expected a whole number.")]
    [InlineData("""{"top_k": -1}""", "top_k is -1; expected a whole number of at least 0.")]
    [InlineData("""{"top_p": 1.2}""", "top_p is 1.2; expected above 0 and at most 1.")]
    [InlineData("""{"min_p": 1}""", "min_p is 1; expected at least 0 and below 1.")]
    [InlineData("""{"typical_p": 0}""", "typical_p is 0; expected above 0 and at most 1.")]
    [InlineData("""{"epsilon_cutoff": 1e999}""", "epsilon_cutoff is 1e999; expected a number.")]
    [InlineData("""{"repetition_penalty": 0}""", "repetition_penalty is 0; expected a number above 0.")]
    [InlineData("""{"max_new_tokens": 0}""", "max_new_tokens is 0; expected a whole number of at least 1.")]
    [InlineData("""{"max_new_tokens": 5, "min_new_tokens": 6}""", "min_new_tokens is 6; expected at most max_new_tokens (5).")]
    [InlineData("""{"eos_token_id": [1, "2"]}""", "eos_token_id is 2; expected a whole number.")]
    [InlineData("""{"eos_token_id": 100}""", "eos_token_id is 100; expected token ids from 0 to 99.")]
    [InlineData("""{"suppress_tokens": [-1]}""", "suppress_tokens is -1; expected token ids from 0 to 99.")]
    [InlineData("""{"bad_words_ids": [1]}""", "bad_words_ids is 1; expected a list of lists of token ids.")]
    [InlineData("""{"bad_words_ids": [[]]}""", "bad_words_ids is []; expected a list of lists of token ids.")]
    [InlineData("""{"stop_strings": [""]}""", "stop_strings is [\"\"]; expected texts that are not empty.")]
    [InlineData("""[1]""", "is not a JSON object.")]
    public void Read_WrongValue_NamesFileKeyFoundAndWanted(string json, string message)
    {
        string refusal = Assert.Throws<InvalidDataException>(() => Read(json)).Message;
        Assert.StartsWith($"'{Path.Combine(_folder.Root, "generation_config.json")}'", refusal, StringComparison.Ordinal);
        Assert.EndsWith(message, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Over_ChosenValues_WinOverTheModels()
    {
        var model = new SamplingSettings { Temperature = 0.6, TopK = 20, MinNewTokens = 10, MaxNewTokens = 50, Stop = ["#"] };
        Assert.Equal(model, new SamplingChanges().Over(model));
        Assert.Equal(model with { TopK = 0, Seed = 3 }, new SamplingChanges { TopK = 0, Seed = 3 }.Over(model));
        // A default gives way, a choice does not.
        Assert.Equal((4, 4), Tokens(new SamplingChanges { MaxNewTokens = 4 }));
        Assert.Equal((60, 60), Tokens(new SamplingChanges { MinNewTokens = 60 }));
        Assert.Single(new SamplingChanges { MinNewTokens = 60, MaxNewTokens = 5 }.Over(model).Problems());

        (int, int) Tokens(SamplingChanges changes) => (changes.Over(model).MinNewTokens, changes.Over(model).MaxNewTokens);
    }

    private GenerationDefaults Read(string json)
    {
        File.WriteAllText(_folder.File(GenerationDefaults.FileName), json);
        return GenerationDefaults.Read(_folder.Root, 100);
    }
}
