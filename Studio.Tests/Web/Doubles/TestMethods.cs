using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using static Studio.Core.Adapters.MethodSettings<Studio.Tests.Web.Doubles.TestSpec>;

namespace Studio.Tests.Web.Doubles;

/// <summary>Settings of a method that is not registered: one of each kind.</summary>
internal sealed record TestSpec : TargetedSpec
{
    public override string Method => "test";

    public override TargetKinds Kinds => TargetKinds.Linear | TargetKinds.Norm;

    public int Width { get; init; } = 4;

    public double Strength { get; init; } = 0.5;

    public int? Limit { get; init; }

    public bool Mirrored { get; init; }

    public string Shape { get; init; } = "round";

    public int WidthStep { get; init; } = 1;

    public override IReadOnlyList<string> Problems() => [.. TestMethods.Test.Settings.SelectMany(setting => setting.Problems(this))];
}

/// <summary>LoRA and a method that is not registered.</summary>
internal static class TestMethods
{
    public static AdapterMethod Test { get; } = new()
    {
        Name = "test",
        PeftType = null,
        Title = "Test method",
        Summary = "Does nothing, well.",
        Source = "Nobody 2026",
        LearningRates = new LearningRateAdvice(1e-2, 1e-1, "Nobody 2026, table 1"),
        Defaults = new TestSpec { Targets = TargetSelection.Of("v_proj", "norm") },
        Settings =
        [
            Whole("width", "Width", "How wide.", spec => spec.Width, (spec, value) => spec with { Width = value }, 1, 9),
            Number("strength", "Strength", "How strong.", spec => spec.Strength, (spec, value) => spec with { Strength = value }, value => value > 0, "a number above 0"),
            new MethodSetting
            {
                Key = "limit",
                Field = new SettingField("Limit", "The most, or nothing.", SettingKind.Whole, spec => ((TestSpec)spec).Limit, (spec, value) => (TestSpec)spec with { Limit = (int?)value }),
            },
            Flag("mirrored", "Mirrored", "Whether mirrored.", spec => spec.Mirrored, (spec, value) => spec with { Mirrored = value }),
            Choice("shape", "Shape", "Which shape.", ["round", "square"], spec => spec.Shape, (spec, value) => spec with { Shape = value }),
            Whole("width_step", "Width step", "Steps of the width.", spec => spec.WidthStep, (spec, value) => spec with { WidthStep = value }, 1, 3, advanced: true),
            .. SharedSettings.Targeting,
        ],
        Entries = (_, _) => [],
        Create = (_, _, _) => throw new NotSupportedException(),
    };

    public static IReadOnlyList<AdapterMethod> All { get; } = [AdapterMethods.Named(LoraSpec.MethodName), Test];
}
