using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Serving;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using Studio.Tests.Web;

namespace Studio.Tests.Browser;

[Collection(BrowserSuite.Name)]
public sealed class AdapterPagesBrowserTests(BrowserFixture browser)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Create_WithAnotherSetting_ImportItsExportDuplicateAndDelete()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        var adapters = server.Services.GetRequiredService<IAdapterService>();

        await studio.GoToAsync(server.Address + "adapters/new");
        await page.GetByTestId("adapter-name").FillAsync("Bosun");
        await page.GetByTestId("adapter-setting-rank").FillAsync("4");
        await Assertions.Expect(page.GetByTestId("adapter-scale")).ToHaveTextAsync("4.00");
        await page.GetByTestId("advanced-settings").Locator("summary").ClickAsync();
        await page.GetByTestId("adapter-setting-biases").SelectOptionAsync(new SelectOptionValue { Label = "all" });
        await Assertions.Expect(page.GetByTestId("adapter-idle")).ToHaveTextAsync("Biases are to be trained, and this model has none.");
        await page.GetByTestId("adapter-setting-biases").SelectOptionAsync(new SelectOptionValue { Label = "none" });
        await page.GetByTestId("adapter-setting-targets").SelectOptionAsync(new SelectOptionValue { Label = "Attention only" });
        await page.GetByTestId("create-adapter").ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Bosun" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByTestId("norm-map").Locator("tbody tr")).ToHaveCountAsync(4);
        var created = Assert.Single(await adapters.ListAsync(Ct));
        Assert.Equal(["q_proj", "k_proj", "v_proj", "o_proj"], ((LoraSpec)AdapterSpecJson.Read(created.Spec)).Targets.Names);

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByTestId("export-adapter").ClickAsync());
        using var folder = new TestDirectory();
        var zip = folder.File("Bosun.zip");
        await download.SaveAsAsync(zip);
        await studio.GoToAsync(server.Address + "adapters/import");
        await page.GetByTestId("adapter-files").SetInputFilesAsync(zip);
        await Assertions.Expect(page.GetByTestId("staged-base")).ToHaveTextAsync("starter");
        await Assertions.Expect(page.GetByTestId("staged-suggestion")).ToHaveTextAsync("'starter' is chosen because its name matches.");
        await page.GetByTestId("staged-name").FillAsync("Bosun back");
        await studio.ScreenshotAsync("adapter-import-staged-1280");
        await page.GetByTestId("import-adapter").ClickAsync();
        await Assertions.Expect(page.GetByTestId("lineage-origin")).ToHaveTextAsync("Imported from Bosun.zip");

        await studio.ChooseFromAdapterMenuAsync("duplicate-adapter");
        await Assertions.Expect(page.GetByTestId("lineage-parent")).ToHaveTextAsync("Bosun back");
        await page.GetByTestId("lineage-parent").ClickAsync();
        await Assertions.Expect(page.GetByTestId("lineage-children")).ToContainTextAsync("Bosun back copy");

        await studio.ChooseFromAdapterMenuAsync("delete-adapter");
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog.GetByTestId("dialog-points")).ToContainTextAsync("“Bosun back copy” was made from it: it stays and loses its parent.");
        await studio.ScreenshotAsync("adapter-delete-1280", fullPage: false);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This adapter was deleted" })).ToBeVisibleAsync();
        Assert.Equal(2, (await adapters.ListAsync(Ct)).Count);
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Import_FilesOfAFolderThatDoNotFit_SaysWhichTensorsAndShapes()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        await studio.GoToAsync(server.Address + "adapters/import");

        string lora = FixtureFolder.Adapter("llama/lora");
        await page.GetByTestId("adapter-files").SetInputFilesAsync([Path.Combine(lora, "adapter_config.json"), Path.Combine(lora, "adapter_model.safetensors")]);
        await Assertions.Expect(page.GetByTestId("staged-adapter")).ToBeVisibleAsync();
        await page.GetByTestId("import-adapter").ClickAsync();
        await Assertions.Expect(page.GetByTestId("staged-failure")).ToContainTextAsync(new Regex(@"does not fit the base model 'starter'.*layers\.0\.self_attn\.q_proj\.lora_A\.weight is \[", RegexOptions.Singleline));
        await studio.ScreenshotAsync("adapter-import-refused-1280");

        await page.GetByTestId("adapter-files").SetInputFilesAsync(new FilePayload { Name = "adapter_config.json", MimeType = "application/json", Buffer = "{}"u8.ToArray() });
        await Assertions.Expect(page.GetByTestId("adapter-import-failure")).ToContainTextAsync("has no adapter_model.safetensors");
        await Assertions.Expect(page.GetByTestId("staged-adapter")).ToHaveCountAsync(0);
        Assert.Empty(await server.Services.GetRequiredService<IAdapterService>().ListAsync(Ct));
        studio.AssertQuiet();
    }

    [Fact]
    public async Task Import_DroppedFolder_IsRead()
    {
        browser.RequireBrowser();
        await using var server = await RunningStudio.StartAsync();
        await using var studio = await browser.OpenAsync(height: 900);
        var page = studio.Page;
        await studio.GoToAsync(server.Address + "adapters/import");
        await Assertions.Expect(page.GetByTestId("adapter-files")).ToBeAttachedAsync();

        // A browser makes entries of a folder only for a person's hand; this hands over the same shape.
        await page.EvaluateAsync("""
            () => {
              const file = name => ({ isFile: true, isDirectory: false, name, file: done => done(new File(["{}"], name)) });
              let asked = 0;
              const folder = { isFile: false, isDirectory: true, name: "captain",
                createReader: () => ({ readEntries: done => done(asked++ ? [] : [file("adapter_config.json"), file("README.md")]) }) };
              const drop = new Event("drop", { bubbles: true, cancelable: true });
              Object.defineProperty(drop, "dataTransfer", { value: { items: [{ kind: "file", type: "", webkitGetAsEntry: () => folder }], files: [], types: ["Files"], dropEffect: "copy", effectAllowed: "all" } });
              const send = () => document.querySelector("[data-testid=adapter-files]").dispatchEvent(drop) ? setTimeout(send, 50) : 0;
              send();
            }
            """);

        await Assertions.Expect(page.GetByTestId("adapter-import-failure")).ToContainTextAsync("'captain' has no adapter_model.safetensors");
        studio.AssertQuiet();
    }

    [Theory]
    [MemberData(nameof(FineTunePagesBrowserTests.Windows), MemberType = typeof(FineTunePagesBrowserTests))]
    public async Task EveryPage_FitsAndConsoleIsEmpty(int width, ColorScheme scheme)
    {
        browser.RequireBrowser();
        await using var studio = await browser.OpenAsync(width, height: 900, scheme);
        var look = $"{width}-{scheme}".ToLowerInvariant();
        var adapters = browser.Studio.Services.GetRequiredService<IAdapterService>();
        var parent = await adapters.CreateAsync("Captain of a rather long name", new LoraSpec { Rank = 4 }, browser.Studio.Services.GetRequiredService<IModelService>().Loaded[0].Record.Id, ct: Ct);
        var copy = await adapters.DuplicateAsync(parent.Id, ct: Ct);

        await VisitAsync("adapters-list", "/adapters", "[data-testid=adapters-table]");
        await VisitAsync("adapters-create", "/adapters/new", "[data-testid=method-about]");
        await studio.Page.GetByTestId("advanced-settings").Locator("summary").ClickAsync();
        await studio.Page.GetByTestId("adapter-setting-targets").SelectOptionAsync(new SelectOptionValue { Label = "Choose modules" });
        await studio.Page.GetByTestId("adapter-setting-rank").FillAsync("many");
        await Assertions.Expect(studio.Page.GetByTestId("adapter-setting-rank-finding")).ToHaveTextAsync("Rank needs a number.");
        await studio.AssertNoSidewaysScrollAsync();
        await studio.ScreenshotAsync($"adapters-create-open-{look}");
        await VisitAsync("adapters-import", "/adapters/import", "[data-testid=adapter-import]");
        await VisitAsync("adapters-detail", $"/adapters/{copy.Id}", "[data-testid=norm-map] td");
        await studio.Page.GetByTestId("adapter-menu").GetByRole(AriaRole.Button).ClickAsync();
        await Assertions.Expect(studio.Page.GetByTestId("duplicate-adapter")).ToBeVisibleAsync();
        await studio.ScreenshotAsync($"adapters-menu-{look}", fullPage: false);
        await studio.Page.Keyboard.PressAsync("Escape");
        await VisitAsync("runs-start", "/runs/new", "[data-testid=method-about]");
        await studio.Page.GetByTestId("run-learning-rate").FillAsync("0.05");
        await Assertions.Expect(studio.Page.GetByTestId("forecast-rate-warning")).ToContainTextAsync("far above");
        await studio.AssertNoSidewaysScrollAsync();
        await studio.ScreenshotAsync($"runs-start-warned-{look}");
        studio.AssertQuiet();

        Task VisitAsync(string name, string path, string mark) => studio.VisitAsync(path, mark, $"{name}-{look}");
    }
}
