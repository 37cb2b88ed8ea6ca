using Studio.Core.Adapters;
using Studio.Tests.Support;

namespace Studio.Tests.Adapters;

public sealed class AdapterDocsTests
{
    [Fact]
    public void Page_OfTheMethods_NamesEveryOneWithItsPeftType()
    {
        string[] rows = File.ReadAllLines(Path.Combine(SourceFolder.Root, "docs", "adapters.md"));
        Assert.All(AdapterMethods.All, method => Assert.Contains(rows, row =>
            row.StartsWith($"| {method.Title} |", StringComparison.Ordinal) && row.Contains(method.PeftType is { } type ? $"`{type}`" : "none", StringComparison.Ordinal)));
    }
}
