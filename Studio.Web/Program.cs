using Studio.Web.Hosting;

try
{
    await using var app = StudioWebHost.Build(args);
    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (StartupFailure.Explain(exception) is { } reason)
{
    await Console.Error.WriteLineAsync(reason);
    return 1;
}
