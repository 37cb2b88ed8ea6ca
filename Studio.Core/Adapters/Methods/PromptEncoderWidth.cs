using System.Text.Json.Nodes;

namespace Studio.Core.Adapters.Methods;

/// <summary>The inner width of a network that makes a prompt (PEFT <c>encoder_hidden_size</c>), taken from the model where it is not set.</summary>
internal static class PromptEncoderWidth
{
    private const int Maximum = 65536;

    public static MethodSetting Setting<TSpec>(string note, Func<TSpec, int?> get, Func<TSpec, int?, TSpec> with)
        where TSpec : PromptSpec => new()
    {
        Key = "encoder_hidden_size",
        Read = (config, spec) => with((TSpec)spec, config.OptionalInt("encoder_hidden_size")),
        Write = spec => get((TSpec)spec) is { } width ? JsonValue.Create(width) : null,
        Problems = spec => get((TSpec)spec) is not { } width || width is >= 1 and <= Maximum ? [] : [$"The width of the network is {width}; expected 1 to {Maximum}."],
        Field = new SettingField("Width of the network", $"Inner features of the network that makes the prompt; 0 takes the width of the model. {note}", SettingKind.Whole,
            spec => get((TSpec)spec) ?? 0, (spec, value) => with((TSpec)spec, (int)value! == 0 ? null : (int)value)) { Advanced = true },
    };
}
