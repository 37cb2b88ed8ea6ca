namespace Studio.Bench.Verify;

/// <summary>What came of one case.</summary>
/// <param name="Name">Its path below the folder of its kind.</param>
/// <param name="Passed">Whether everything lay within its tolerance.</param>
/// <param name="Detail">The largest deviation, what exceeded its tolerance, or why the case could not run.</param>
public sealed record CaseVerdict(string Name, bool Passed, string Detail);
