using Bunit;
using Studio.Core.Adapters;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Adapters;
using Studio.Web.Components.Runs;
using Studio.Web.FineTunes;

namespace Studio.Tests.Web.Components.Adapters;

public sealed class AdapterFieldsTests : EngineTestContext
{
    private readonly AdapterForm _form = new(TestMethods.All) { KnownTargets = TestModelService.Known };

    [Fact]
    public void Method_Chosen_BringsItsFieldsAndItsSummary()
    {
        var fields = Open();
        Assert.NotEmpty(fields.FindAll("#run-adapter-rank"));

        fields.Find("#run-adapter-method").Change("1");

        Assert.Same(TestMethods.Test, _form.Method);
        Assert.StartsWith("Does nothing, well. ", fields.Find("[data-testid=method-about]").TextContent, StringComparison.Ordinal);
        Assert.Empty(fields.FindAll("#run-adapter-rank"));
        Assert.Equal(["text", "text", "text", "checkbox"], new[] { "width", "strength", "limit", "mirrored" }.Select(id => fields.Find("#run-adapter-" + id).GetAttribute("type")));
        Assert.Equal(["round", "square"], fields.FindAll("#run-adapter-shape option").Select(option => option.TextContent));
        Assert.NotNull(fields.Find("[data-testid=advanced-settings] #run-adapter-width-step"));
        Assert.Equal("Usual for Test method", fields.Find("#run-adapter-targets option").TextContent);
    }

    [Fact]
    public void Fields_OfEachKind_ChangeTheSettings()
    {
        _form.Choose(TestMethods.Test);
        var fields = Open();

        fields.Find("#run-adapter-width").Input("6");
        fields.Find("#run-adapter-shape").Change("1");
        fields.Find("#run-adapter-mirrored").Change(true);
        fields.Find("#run-adapter-modules-trained-as-a-whole").Input("norm,");
        fields.Find("#run-adapter-targets").Change("4");
        Assert.Empty(fields.FindAll("[data-testid=target-embed_tokens]"));
        fields.Find("[data-testid=target-norm]").Change(true);

        var spec = (TestSpec)_form.ToSpec();
        Assert.Equal((6, "square", true), (spec.Width, spec.Shape, spec.Mirrored));
        Assert.Equal(["norm"], spec.ModulesToSave);
        Assert.Equal(["norm"], spec.Targets.Names);
        Assert.Equal("norm,", fields.Find("#run-adapter-modules-trained-as-a-whole").GetAttribute("value"));
    }

    [Fact]
    public void Finding_InTheFoldedPart_UnfoldsIt()
    {
        _form.Choose(TestMethods.Test);
        Assert.False(Open().Find("[data-testid=advanced-settings]").HasAttribute("open"));

        var fields = Open(FieldFindings.Sort(["Width step is 9; expected 1 to 3."], RunFields.Adapter.All(TestMethods.Test)));

        Assert.True(fields.Find("[data-testid=advanced-settings]").HasAttribute("open"));
        Assert.Equal("true", fields.Find("#run-adapter-width-step").GetAttribute("aria-invalid"));
    }

    [Fact]
    public void Advice_ShowsScaleBytesAndTheWarningOfARateFarOff()
    {
        var advice = new AdapterAdvice(2, 0.05, 1_000_000, new LearningRateAdvice(1e-4, 2e-3, "Hu et al. 2021"));
        var list = Render<AdviceList>(p => p.Add(c => c.Outlook, new AdapterOutlook(TestMethods.All[0], advice, [], ["Biases are to be trained, and this model has none."]))
            .Add(c => c.BaseParameters, 4_000_000).Add(c => c.Prefix, "x"));

        Assert.Equal(["2.00", "0.100", "1,000,000", "25.00%", "3.81 MiB", "11.4 MiB", "0.0001 to 0.002"],
            new[] { "scale", "step-scale", "parameters", "share", "bytes", "training-bytes", "rates" }.Select(id => list.Find($"[data-testid=x-{id}]").TextContent.Replace(" %", "%", StringComparison.Ordinal)));
        Assert.Contains("0.05 is far above", list.Find("[data-testid=x-rate-warning]").TextContent, StringComparison.Ordinal);
        Assert.Equal("Biases are to be trained, and this model has none.", list.Find("[data-testid=x-idle]").TextContent);
        Assert.Contains("Hu et al. 2021", list.Find("[data-testid=x-rates-source]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Advice_OfAMethodWithoutScale_HasNone()
    {
        var advice = AdapterAdvice.Of(TestMethods.Test.Defaults, TestMethods.Test, 10, 0.02);
        var list = Render<AdviceList>(p => p.Add(c => c.Outlook, new AdapterOutlook(TestMethods.Test, advice, [], [])).Add(c => c.Prefix, "x"));

        Assert.Empty(list.FindAll("[data-testid=x-scale], [data-testid=x-step-scale], [data-testid=x-rate-warning]"));
    }

    private IRenderedComponent<AdapterFields> Open(FieldFindings? findings = null) =>
        Render<AdapterFields>(p => p.Add(c => c.Form, _form).Add(c => c.Inspection, findings ?? FieldFindings.None));
}
