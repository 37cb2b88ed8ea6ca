namespace Studio.Core.Serving;

/// <summary>How base models answer.</summary>
/// <param name="PrefixCacheBytes">Most bytes of ended answers' keys and values that each model keeps; 0 = none.</param>
/// <param name="Int8Decode">Whether single chats compute with 8-bit copies of the weights (<see cref="Execution.ExecutorOptions.Int8Decode"/>).</param>
public sealed record ServingOptions(long PrefixCacheBytes = 0, bool Int8Decode = false);
