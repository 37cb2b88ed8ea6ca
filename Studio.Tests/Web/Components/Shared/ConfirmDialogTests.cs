using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using Studio.Web.Components.Shared;

namespace Studio.Tests.Web.Components.Shared;

public sealed class ConfirmDialogTests : StudioTestContext
{
    [Theory]
    [InlineData("Delete", true)]
    [InlineData("Cancel", false)]
    public async Task Ask_Answered_ReturnsWhetherConfirmed(string button, bool expected)
    {
        var provider = Render<MudDialogProvider>();
        var dialogs = Services.GetRequiredService<IDialogService>();

        var answer = provider.InvokeAsync(() => ConfirmDialog.AskAsync(dialogs, "Delete the run?", "Its checkpoints go too."));
        Assert.Contains("Its checkpoints go too.", provider.Markup, StringComparison.Ordinal);
        await provider.FindAll("button").Single(b => b.TextContent.Trim() == button).ClickAsync(new());

        Assert.Equal(expected, await answer);
    }
}
