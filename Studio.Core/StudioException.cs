namespace Studio.Core;

/// <summary>A refusal for the person who asked: what is wrong, where, and what was expected. Shown on pages and in the API as it stands.</summary>
public sealed class StudioException : Exception
{
    /// <summary>Creates a refusal.</summary>
    /// <param name="message">The sentence to show.</param>
    /// <param name="details">Further findings, one each.</param>
    /// <param name="inner">What caused it.</param>
    public StudioException(string message, IReadOnlyList<string>? details = null, Exception? inner = null)
        : base(message, inner) => Details = details ?? [];

    /// <summary>Further findings, one each.</summary>
    public IReadOnlyList<string> Details { get; }
}

/// <summary>What was asked for does not exist (any more).</summary>
public sealed class NotFoundException(string what, string id) : Exception($"There is no {what} '{id}'.");
