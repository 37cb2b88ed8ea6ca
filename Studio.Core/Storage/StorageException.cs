namespace Studio.Core.Storage;

/// <summary>The data directory or its database cannot be used; the message names the file and says what to do.</summary>
public sealed class StorageException : IOException
{
    /// <summary>Creates an exception without a message.</summary>
    public StorageException()
    {
    }

    /// <summary>Creates an exception with a message for people.</summary>
    public StorageException(string message)
        : base(message)
    {
    }

    /// <summary>Creates an exception with a message for people and the cause.</summary>
    public StorageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
