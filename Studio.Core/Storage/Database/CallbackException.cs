namespace Studio.Core.Storage;

/// <summary>Carries a failure of a caller's own function through the database thread, so that it is not taken for a failure of the database.</summary>
internal sealed class CallbackException(Exception cause) : Exception(cause.Message, cause);
