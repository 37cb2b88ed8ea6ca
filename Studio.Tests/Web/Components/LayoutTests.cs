using Bunit;
using Studio.Web.Components.Layout;

namespace Studio.Tests.Web.Components;

public sealed class LayoutTests : StudioTestContext
{
    [Fact]
    public void Navigation_EveryArea_HasALink()
    {
        var menu = Render<NavMenu>();

        Assert.Equal(
            ["Home", "Fine-tunes", "Compare", "Playground", "Adapters", "Models", "Datasets", "Monitor"],
            menu.FindAll("a").Select(link => link.TextContent.Trim()));
    }

    [Fact]
    public void Page_Throws_ShowsTheErrorAndKeepsTheFrame()
    {
        var layout = Render<MainLayout>(p => p.Add(c => c.Body, builder =>
        {
            builder.OpenComponent<TestBrokenPage>(0);
            builder.CloseComponent();
        }));

        Assert.Contains("the cause", layout.Find(".studio-error-panel pre").TextContent, StringComparison.Ordinal);
        Assert.NotEmpty(layout.FindAll("nav"));
    }

    private sealed class TestBrokenPage : Microsoft.AspNetCore.Components.ComponentBase
    {
        protected override void OnInitialized() => throw new InvalidOperationException("the cause");
    }
}
