using System.Globalization;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Tests.Web.Doubles;
using Studio.Web.Adapters;
using Studio.Web.FineTunes;

namespace Studio.Tests.Web.FineTunes;

public sealed class AdapterFormTests
{
    private static readonly AdapterFieldSet Fields = new("x");

    public static TheoryData<string> Registered => [.. AdapterMethods.All.Select(method => method.Name)];

    [Theory]
    [MemberData(nameof(Registered))]
    public void Method_EveryRegisteredOne_FillsAFormWhoseSettingsAreItsDefaults(string name)
    {
        var form = new AdapterForm();
        form.Choose(AdapterMethods.Named(name));
        foreach (var input in Fields.Of(form.Method))
        {
            Assert.NotEmpty(input.Field.Label);
            Assert.NotEmpty(input.Field.Help);
            // Typing what stands there changes nothing.
            if (input.Setting.Kind is SettingKind.Whole or SettingKind.Number or SettingKind.Text) form.Read(input.Setting, form.TextOf(input.Setting));
            else form.Set(input.Setting, form.ValueOf(input.Setting));
        }

        Assert.True(form.IsReadable);
        Assert.Equal(AdapterSpecJson.Write(form.Method.Defaults), AdapterSpecJson.Write(form.Spec));
        Assert.Equal(Fields.All(form.Method).Count, Fields.All(form.Method).Select(field => field.Id).Distinct().Count());
    }

    [Fact]
    public void Read_EachKind_ChangesTheOneValue()
    {
        var form = Test();

        form.Read(Setting("Width"), "7");
        form.Read(Setting("Strength"), "0.25");
        form.Read(Setting("Limit"), "3");
        form.Set(Setting("Mirrored"), true);
        form.Set(Setting("Shape"), "square");
        form.Read(Setting("Modules trained as a whole"), "lm_head, ");

        var spec = Assert.IsType<TestSpec>(form.ToSpec());
        Assert.Equal((7, 0.25, 3, true, "square"), (spec.Width, spec.Strength, spec.Limit, spec.Mirrored, spec.Shape));
        Assert.Equal(["lm_head"], spec.ModulesToSave);
        // The comma may be the beginning of a second name.
        Assert.Equal("lm_head, ", form.TextOf(Setting("Modules trained as a whole")));
        form.Read(Setting("Limit"), " ");
        Assert.Null(((TestSpec)form.ToSpec()).Limit);
        Assert.True(form.IsReadable);
    }

    [Theory]
    [InlineData("Width", "4.5")]
    [InlineData("Width", "")]
    [InlineData("Strength", "much")]
    [InlineData("Limit", "few")]
    public void Read_NoNumber_KeepsTheTextAndTheValueBefore(string label, string text)
    {
        var form = Test();
        var before = form.Spec;

        form.Read(Setting(label), text);

        Assert.False(form.IsReadable);
        Assert.Equal(text, form.TextOf(Setting(label)));
        Assert.Equal(before, form.Spec);
        form.Read(Setting(label), "2");
        Assert.True(form.IsReadable);
    }

    [Fact]
    public void Choose_AnotherMethod_TakesItsDefaultsAndForgetsWhatWasTyped()
    {
        var form = new AdapterForm(TestMethods.All) { Name = "Mine", KnownTargets = TestModelService.Known };
        form.Read(form.Method.Settings[0].Field!, "eight");

        form.Choose(TestMethods.Test);

        Assert.True(form.IsReadable);
        Assert.Equal(("Mine", 4), (form.Name, ((TestSpec)form.ToSpec()).Width));
        Assert.Null(form.Scale);
    }

    [Fact]
    public void Targets_FollowTheKindsThatTheMethodTakes()
    {
        var form = Test();
        Assert.Equal([TargetChoice.Usual, TargetChoice.AllLinear, TargetChoice.Attention, TargetChoice.Norms, TargetChoice.Custom], form.TargetChoices);
        Assert.Contains("norm", form.TakenTargets.Select(target => target.Name));
        Assert.DoesNotContain("embed_tokens", form.TakenTargets.Select(target => target.Name));
        Assert.Equal(["v_proj", "norm"], Names());

        form.Targets = TargetChoice.Norms;
        Assert.Equal(["input_layernorm", "norm"], Names());
        form.Targets = TargetChoice.Attention;
        Assert.Equal(["q_proj", "k_proj", "v_proj", "o_proj"], Names());
        form.Targets = TargetChoice.AllLinear;
        Assert.Equal(TargetSelection.AllLinear, ((TestSpec)form.ToSpec()).Targets.Pattern);

        // The usual ones are not offered where the model lacks them, and ticks of another model are forgotten.
        form.Targets = TargetChoice.Usual;
        form.CustomTargets.Add("q_proj");
        form.KnownTargets = [new("c_attn", TargetKinds.Linear, true)];
        Assert.Equal((TargetChoice.AllLinear, 0), (form.Targets, form.CustomTargets.Count));

        IReadOnlyList<string> Names() => ((TestSpec)form.ToSpec()).Targets.Names;
    }

    [Fact]
    public void Findings_OfSettingsWhoseNamesBeginAlike_AreAtTheirOwnFields()
    {
        var findings = FieldFindings.Sort(new TestSpec { Width = 0, WidthStep = 9 }.Problems(), Fields.All(TestMethods.Test));

        Assert.Empty(findings.General);
        Assert.Equal("Width is 0; expected 1 to 9.", findings.AtFields["x-width"]);
        Assert.Equal("Width step is 9; expected 1 to 3.", findings.AtFields["x-width-step"]);
    }

    [Fact]
    public void Words_OfAMethod_ComeFromItsSettings()
    {
        var spec = new TestSpec { Width = 6, Mirrored = true, Strength = 0.5, Targets = TargetSelection.Of("norm") };
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            Assert.Equal("Test method, width 6", AdapterText.SummaryOf(spec, TestMethods.Test));
            Assert.Equal(["Method: Test method", "Width: 6", "Strength: 0.5", "Mirrored: on", "Shape: round", "Width step: 1", "Target modules: norm"],
                RunSettings.OfAdapter(spec, TestMethods.Test).Select(setting => $"{setting.Label}: {setting.Value}"));
            Assert.Contains(RunSettings.OfAdapter(new LoraSpec { RankPattern = new Dictionary<string, int> { ["q_proj"] = 4 } }), setting => setting is { Label: "Rank pattern", Value: "Q proj: 4" or "q_proj: 4" });
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static AdapterForm Test()
    {
        var form = new AdapterForm(TestMethods.All) { KnownTargets = TestModelService.Known };
        form.Choose(TestMethods.Test);
        return form;
    }

    private static SettingField Setting(string label) => TestMethods.Test.Settings.Select(setting => setting.Field).First(field => field?.Label == label)!;
}
