namespace Studio.Core.Hub;

/// <summary>Why something could not be brought from the Hub.</summary>
public enum HubFailure
{
    /// <summary>An id, a revision or a file name is not one.</summary>
    Malformed,

    /// <summary>No such repository, revision or file.</summary>
    NotFound,

    /// <summary>A token is missing or refused, or the terms of the repository are not accepted.</summary>
    AccessDenied,

    /// <summary>The Hub cannot be reached, or went on failing.</summary>
    Unreachable,

    /// <summary>The Hub answered something that makes no sense.</summary>
    BadAnswer,

    /// <summary>What arrived is not what the Hub announced.</summary>
    WrongContent,

    /// <summary>The disk has not enough room.</summary>
    DiskFull,

    /// <summary>The repository holds nothing that the studio can use.</summary>
    Unusable,
}

/// <summary>A refusal or a failure around the Hub; the message is for people and never holds a token.</summary>
public sealed class HubException(HubFailure failure, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public HubFailure Failure { get; } = failure;
}

/// <summary>Something that may go well when it is tried again.</summary>
/// <param name="message">What happened.</param>
/// <param name="wait">How long the server asks to wait; null = it does not say.</param>
/// <param name="inner">The cause.</param>
internal sealed class HubTransientException(string message, TimeSpan? wait = null, Exception? inner = null) : Exception(message, inner)
{
    public TimeSpan? Wait { get; } = wait;
}
