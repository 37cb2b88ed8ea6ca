using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Core.Tensors;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Serving;

/// <summary>Prompts that start at a text: its tokens are those of the base's tokenizer.</summary>
public sealed class PromptStartTests : TensorTest
{
    [Fact]
    public async Task CreateAsync_PromptThatStartsAtAText_HoldsItsEmbeddings()
    {
        const string Text = "Answer in one short sentence.";
        await using var rig = await ServingRig.CreateAsync();
        var record = await rig.Models.LoadAsync(ServingRig.Starter, ct: TestContext.Current.CancellationToken);
        var spec = new PromptTuningSpec { VirtualTokens = 4, Start = PromptStart.Text, StartText = Text };
        var adapter = await rig.Adapters.CreateAsync("short", spec, record.Id, ct: TestContext.Current.CancellationToken);

        using var scope = NewDisposeScope();
        var model = rig.Models.Get(record.Id);
        long[] ids = [.. model.Encoder.Tokenizer.Encode(Text, addSpecialTokens: true).Take(4).Select(id => (long)id)];
        var expected = new DirectBaseLayers(model.Base.Layers).Rows(LayerId.Embedding, tensor(ids));
        using var file = SafeTensorsFile.Open(Path.Combine(rig.AdapterFolder(adapter.Id), PeftFormat.WeightsFile));
        using var stored = file.Map("prompt_embeddings");
        Assert.Equal(expected.ToFloatArray(), stored.ToFloatArray());
    }
}
