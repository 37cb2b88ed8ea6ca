using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace Studio.Tests.Adapters.Methods;

/// <summary>P-tuning against PEFT, finite differences and torch's own LSTM.</summary>
public sealed class PTuningAdapterTests : TensorTest
{
    private static PTuningSpec Mlp { get; } = new() { VirtualTokens = 4, EncoderWidth = 9 };

    private static PTuningSpec Lstm { get; } = new() { VirtualTokens = 4, EncoderWidth = 5, Encoder = PTuningSpec.Lstm, EncoderLayers = 2 };

    [Fact]
    public void Fixtures_OfPeft_Agree() => MethodChecks.AgreesWithPeft("*/p_tuning*");

    [Theory]
    [InlineData("llama", "p_tuning")]
    [InlineData("llama", "p_tuning_lstm")]
    [InlineData("gpt2", "p_tuning")]
    public void Folder_OfPeft_RoundTrips(string family, string name) => MethodChecks.RoundTripsPeftsFolder(family, name);

    [Fact]
    public void Adapter_OnTinyModel_HoldsTheContract()
    {
        foreach (var spec in new[] { Mlp, Lstm })
        {
            MethodChecks.HasTheSlopesOfTheLoss(spec);
            MethodChecks.TrainsInBf16(spec);
            MethodChecks.SavesAndLoads(spec);
        }
    }

    [Fact]
    public void Dropout_BetweenLstmLayers_ActsByTheSeed() => MethodChecks.DropsTheSameForTheSameSeed(Lstm with { EncoderDropout = 0.4 });

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Prompt_OfTheLstm_IsThatOfTorchsModule(int layers)
    {
        using var model = new TinyModel();
        using var adapter = MethodChecks.Randomized(Lstm with { EncoderLayers = layers }, model.Site);
        using var scope = NewDisposeScope();
        using var grad = no_grad();
        using var lstm = nn.LSTM(24, 5, layers, bidirectional: true, batchFirst: true);
        foreach (var (name, parameter) in lstm.named_parameters()) parameter.copy_(adapter.Parameters["lstm_head." + name]);
        var (states, _, _) = lstm.call(adapter.Parameters["embedding.weight"].detach().unsqueeze(0));
        var expected = Linear(Linear(states.squeeze(0), "mlp_head.0").relu(), "mlp_head.2");

        var export = new AdapterExport();
        adapter.Export(export);
        Assert.InRange(expected.sub(export.Weights["prompt_embeddings"]).abs().max().item<float>(), 0, 1e-5);

        Tensor Linear(Tensor x, string name) => nn.functional.linear(x, adapter.Parameters[name + ".weight"], adapter.Parameters[name + ".bias"]);
    }

    [Fact]
    public void Load_WithoutTheNetwork_GoesOnWithThePromptAlone()
    {
        using var folder = new TestDirectory();
        using var model = new TinyModel();
        using var adapter = MethodChecks.Randomized(Mlp, model.Site);
        PeftFormat.Save(adapter, folder.Root, "tiny", forContinuation: false);
        Assert.Equal([PeftFormat.ConfigFile, PeftFormat.WeightsFile], folder.Entries);
        using var plain = PeftFormat.Load(folder.Root, model.Site);
        Assert.Equal(["prompt_embeddings"], plain.Parameters.Entries.Select(entry => entry.Name));
        Assert.Equal(TestTraining.Loss(model, adapter), TestTraining.Loss(model, plain), 1e-6);
    }

    [Fact]
    public void Network_OfAnUnknownKind_IsRefused()
    {
        using var model = new TinyModel();
        var refusal = Assert.Throws<ArgumentException>(() => AdapterMethods.Build(Mlp with { Encoder = "GRU" }, model.Site));
        Assert.Contains("Network is 'GRU'; expected one of MLP, LSTM", refusal.Message, StringComparison.Ordinal);
    }
}
