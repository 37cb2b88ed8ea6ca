using Bunit;
using Microsoft.AspNetCore.Components;
using Studio.Core.Storage;
using Studio.Web.Components.Shared;

namespace Studio.Tests.Web.Components.Shared;

public sealed class SharedComponentTests : StudioTestContext
{
    [Fact]
    public void PageHeader_TitleSubtitleActions_ShowsAllThree()
    {
        var header = Render<PageHeader>(p => p.Add(c => c.Title, "Datasets").Add(c => c.Subtitle, "What runs learn from")
            .Add(c => c.Actions, "<button>Upload</button>"));

        Assert.Equal("Datasets", header.Find("h1").TextContent);
        Assert.Equal("What runs learn from", header.Find("p").TextContent);
        Assert.Equal("Upload", header.Find(".studio-page-actions button").TextContent);
    }

    [Fact]
    public void PageHeader_TitleOnly_HasNoEmptyParts()
    {
        var header = Render<PageHeader>(p => p.Add(c => c.Title, "Datasets"));

        Assert.Empty(header.FindAll("p"));
        Assert.Empty(header.FindAll(".studio-page-actions"));
    }

    [Fact]
    public void EmptyState_WithAction_ShowsTextAndAction()
    {
        var empty = Render<EmptyState>(p => p.Add(c => c.Title, "No runs yet").Add(c => c.Text, "Start one.").AddChildContent("<a href='/x'>Start</a>"));

        Assert.Equal("No runs yet", empty.Find("h2").TextContent);
        Assert.Equal("Start one.", empty.Find("p").TextContent);
        Assert.Equal("Start", empty.Find(".studio-empty-action a").TextContent);
    }

    [Fact]
    public void ErrorPanel_Retry_RaisesTheCallback()
    {
        var retries = 0;
        var panel = Render<ErrorPanel>(p => p.Add(c => c.Message, "Failed").Add(c => c.Detail, "line 3\nline 4")
            .Add(c => c.OnRetry, EventCallback.Factory.Create(this, () => retries++)));

        panel.Find("button").Click();

        Assert.Equal(1, retries);
        Assert.Equal("alert", panel.Find(".studio-error-panel").GetAttribute("role"));
        Assert.Equal("line 3\nline 4", panel.Find("pre").TextContent);
    }

    [Fact]
    public void ErrorPanel_WithoutRetry_HasNoButton() =>
        Assert.Empty(Render<ErrorPanel>(p => p.Add(c => c.Message, "Failed")).FindAll("button"));

    [Fact]
    public void StatTile_EveryParameter_ShowsIt()
    {
        var tile = Render<StatTile>(p => p.Add(c => c.Label, "Memory").Add(c => c.Value, "1.2").Add(c => c.Unit, "GiB")
            .Add(c => c.Note, "of 8 GiB").Add(c => c.Help, "Of this process").Add(c => c.Trend, [1, 2, 3]));

        Assert.Equal("1.2", tile.Find(".studio-number").TextContent);
        Assert.Equal("GiB", tile.Find(".studio-stat-unit").TextContent);
        Assert.Equal("of 8 GiB", tile.Find(".studio-stat-note").TextContent);
        Assert.Equal("Of this process", tile.Find(".studio-help").GetAttribute("aria-label"));
        Assert.Equal("Trend of Memory", tile.Find("svg.studio-sparkline").GetAttribute("aria-label"));
    }

    [Fact]
    public void StatusChip_EveryState_HasItsWordAndAColorOfItsOwn()
    {
        var css = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "wwwroot-assets", "css", "studio.css"));
        foreach (var state in Enum.GetValues<RunState>())
        {
            var chip = Render<StatusChip>(p => p.Add(c => c.State, state).Add(c => c.Reason, "why")).Find(".studio-chip");

            Assert.Equal(state.ToString(), chip.TextContent.Trim());
            Assert.Equal("why", chip.GetAttribute("title"));
            var name = state.ToString().ToLowerInvariant();
            Assert.Contains($"studio-chip-{name}", chip.ClassList);
            Assert.Contains($"--studio-state-{name}:", css, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void FieldHelp_ForAnInput_LabelsIt()
    {
        var field = Render<FieldHelp>(p => p.Add(c => c.Label, "Rank").Add(c => c.Help, "Size").Add(c => c.For, "rank").AddChildContent("<input id='rank'>"));

        Assert.Equal("rank", field.Find("label").GetAttribute("for"));
        Assert.Equal("Size", field.Find(".studio-help").GetAttribute("aria-label"));
    }
}
