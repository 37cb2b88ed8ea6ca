namespace Studio.Web.Hosting;

/// <summary>The studio refuses to start; the message tells the user what to change.</summary>
public sealed class StartupException(string message) : Exception(message);
