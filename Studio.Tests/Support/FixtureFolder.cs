namespace Studio.Tests.Support;

/// <summary>Reference data that lies beside the test assembly.</summary>
internal static class FixtureFolder
{
    /// <summary>The folder that holds models, adapters and traces.</summary>
    public static string Root => Path.Combine(AppContext.BaseDirectory, "Fixtures");

    public static string Model(string name) => Path.Combine(Root, "models", name);

    public static string Adapter(string name) => Path.Combine(Root, "adapters", name);
}
