using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Studio.Core;
using Studio.Core.Adapters.Methods;
using Studio.Core.Generation;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Tests.Web.Doubles;
using Studio.Web.Components.Pages;
using Studio.Web.Playground;

namespace Studio.Tests.Web.Components.Pages;

public sealed class PlaygroundPageTests : EngineTestContext
{
    private NavigationManager Navigation => Services.GetRequiredService<NavigationManager>();

    [Fact]
    public void NoModel_ThereIsNothingToAsk()
    {
        Models.Loaded = [];

        var page = Open("");

        Assert.Contains("No base model is loaded", page.Markup, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=playground-prompt]"));
    }

    [Fact]
    public void Link_WithBaseAndAdapter_ShowsThemInOrder()
    {
        Adapters.Add("a", "Pirate");

        var page = Open("?adapters=base,a");

        Assert.Equal(["base", "a"], Choices(page));
        Assert.Equal("Pirate · LoRA, rank 8", page.Find("[data-testid=playground-pane-2-choice] option[selected]").TextContent);
    }

    [Fact]
    public void Blend_ItsSliders_ChangeTheAddressAndKeepThePane()
    {
        Adapters.Add("a", "Pirate");
        Adapters.Add("b", "Terse");
        var page = Open("?adapters=base,blend(1;a:0.5)");

        page.Find("[data-testid=playground-pane-2-blend-a]").Input("0.9");
        Assert.Equal("0.9", page.Find("[data-testid=playground-pane-2-blend-a-number]").GetAttribute("value"));
        Assert.DoesNotContain("0.9", Navigation.Uri, StringComparison.Ordinal);
        page.Find("[data-testid=playground-pane-2-blend-a]").Change("1.25");
        page.Find("[data-testid=playground-pane-2-blend-base-number]").Change("0,8");
        page.Find("[data-testid=playground-pane-2-blend-add]").Change("b");

        Assert.EndsWith("adapters=base," + Uri.EscapeDataString("blend(0.8;a:1.25;b:1)"), Navigation.Uri, StringComparison.Ordinal);
        Assert.Equal("Blend of adapters…", page.Find("[data-testid=playground-pane-2-choice] option[selected]").TextContent);
        Assert.Empty(page.FindAll("[data-testid=playground-pane-2-blend-add]"));
    }

    [Fact]
    public void Blend_TypedNumbers_MayLieBeyondTheSliderAndMustBeNumbers()
    {
        Adapters.Add("a", "Pirate");
        var page = Open("?adapters=blend(1;a:0.5)");

        page.Find("[data-testid=playground-pane-1-blend-a-number]").Change("2.5");
        Assert.EndsWith(Uri.EscapeDataString("blend(1;a:2.5)"), Navigation.Uri, StringComparison.Ordinal);
        page.Find("[data-testid=playground-pane-1-blend-a-number]").Change("much");
        Assert.Equal("true", page.Find("[data-testid=playground-pane-1-blend-a-number]").GetAttribute("aria-invalid"));
        page.Find("[data-testid=playground-pane-1-blend-base-number]").Change("-1");
        Assert.Equal("true", page.Find("[data-testid=playground-pane-1-blend-base-number]").GetAttribute("aria-invalid"));
        Assert.EndsWith(Uri.EscapeDataString("blend(1;a:2.5)"), Navigation.Uri, StringComparison.Ordinal);
        page.Find("[data-testid=playground-pane-1-blend-a-number]").Change("-0.25");
        Assert.EndsWith(Uri.EscapeDataString("blend(1;a:-0.25)"), Navigation.Uri, StringComparison.Ordinal);
        Assert.Null(page.Find("[data-testid=playground-pane-1-blend-a-number]").GetAttribute("aria-invalid"));
    }

    [Fact]
    public void Blend_OfAPrompt_IsSwitchedOnAndOff()
    {
        Adapters.Add("p", "Prompt", spec: new PromptTuningSpec());
        var page = Open("?adapters=blend(1;p:0.5)");
        Assert.Equal("The weight of 'Prompt' is 0.5, and what it puts before the text is there or not: it can be 0 or 1. Switch it off or on.", page.Find("[data-testid=playground-pane-1-problem]").TextContent);

        page.Find("[data-testid=playground-pane-1-blend-p]").Change(false);
        Assert.EndsWith(Uri.EscapeDataString("blend(1;p:0)"), Navigation.Uri, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=playground-pane-1-problem]"));
        page.Find("[data-testid=playground-pane-1-blend-p]").Change(true);
        Assert.EndsWith(Uri.EscapeDataString("blend(1;p:1)"), Navigation.Uri, StringComparison.Ordinal);
    }

    [Fact]
    public void Blend_OfTwoPrompts_SaysThatOneCanBeOn()
    {
        Adapters.Add("p", "First", spec: new PromptTuningSpec());
        Adapters.Add("q", "Second", spec: new PTuningSpec());
        var page = Open("?adapters=blend(1;p:1;q:1)");

        Assert.Equal("'First' and 'Second' both put tokens before the text; a blend can hold one such adapter. Switch the others off.", page.Find("[data-testid=playground-pane-1-problem]").TextContent);
        page.Find("[data-testid=playground-pane-1-blend-q]").Change(false);
        Assert.Empty(page.FindAll("[data-testid=playground-pane-1-problem]"));
    }

    [Fact]
    public void Blend_AdapterInTraining_IsMarked()
    {
        Runs.Add("r");
        Adapters.Add("a", runId: "r");
        Assert.Equal("Training, step 10 / 40", Open("?adapters=blend(1;a:1)").Find("[data-testid=playground-pane-1-blend-a-row] [data-testid=training-chip]").TextContent.Trim());
    }

    [Fact]
    public void Blend_OfADeletedAdapter_SaysSo() =>
        Assert.Contains("There is no adapter 'gone'", Open("?adapters=blend(1;gone:1)").Find("[data-testid=playground-pane-1-problem]").TextContent, StringComparison.Ordinal);

    [Fact]
    public void Link_WithoutAdapters_IsTheBaseAlone() => Assert.Equal(["base"], Choices(Open("")));

    [Fact]
    public void AdapterInTraining_ShowsItsStepLive()
    {
        Runs.Add("r");
        Adapters.Add("a", runId: "r");
        var page = Open("?adapters=a");
        Assert.Equal("Training, step 10 / 40", page.Find("[data-testid=training-chip]").TextContent.Trim());

        Runs.Change("r", run => run with { Record = run.Record with { Step = 11 } });
        Telemetry.Changes.Signal("r");
        page.WaitForAssertion(() => Assert.Equal("Training, step 11 / 40", page.Find("[data-testid=training-chip]").TextContent.Trim()));

        Runs.Change("r", run => run with { Record = run.Record with { State = RunState.Finished } });
        Telemetry.Changes.Signal("r");
        page.WaitForAssertion(() => Assert.Empty(page.FindAll("[data-testid=training-chip]")));
    }

    [Fact]
    public async Task Send_TwoPanes_StreamsBothFromOneRequest()
    {
        Adapters.Add("a");
        var page = Open("?adapters=base,a");

        var sending = await AskAsync(page, "Who are you?");
        Chat.Say(0, "I am ");
        Chat.Say(1, "Arr, ");
        page.WaitForAssertion(() => Assert.Equal(["I am ", "Arr, "], Answers(page)));
        Assert.NotEmpty(page.FindAll("[data-testid=playground-stop]"));
        Chat.Finish(0, "the base", 4, prompt: new PromptUse(330, 312));
        Chat.Finish(1, "a pirate", 5);
        Chat.End();
        await sending;

        page.WaitForAssertion(() => Assert.Equal(["I am the base", "Arr, a pirate"], Answers(page)));
        page.WaitForAssertion(() => Assert.NotEmpty(page.FindAll("[data-testid=playground-send]")));
        Assert.Equal("4 tokens · 12.5 tokens/s · reused 312 of 330 prompt tokens", page.Find("[data-testid=playground-pane-1-figures]").TextContent);
        Assert.Equal("5 tokens · 12.5 tokens/s", page.Find("[data-testid=playground-pane-2-figures]").TextContent);
        Assert.Equal([null, "a"], Assert.Single(Chat.Requests).Panes.Select(pane => pane.AdapterId));
        Assert.Equal("", page.Find("[data-testid=playground-prompt]").GetAttribute("value") ?? "");
    }

    [Fact]
    public async Task Answer_WithMarkup_IsTextWithItsLineBreaks()
    {
        var page = Open("");

        var sending = await AskAsync(page, "<i>Hi</i>");
        Chat.Finish(0, "<b>bold</b>\n\n<script>alert(1)</script>");
        Chat.End();
        await sending;

        page.WaitForAssertion(() => Assert.Equal("<b>bold</b>\n\n<script>alert(1)</script>", Answers(page).Single()));
        Assert.Empty(page.FindAll(".studio-turn b, .studio-turn i, .studio-turn script"));
    }

    [Fact]
    public async Task Error_InOnePane_IsShownThereOnly()
    {
        Adapters.Add("a");
        var page = Open("?adapters=base,a");

        var sending = await AskAsync(page, "Hi");
        Chat.Finish(1, "The adapter 'a' could not be loaded.", 0, FinishReason.Error);
        Chat.Finish(0, "Hello");
        Chat.End();
        await sending;

        page.WaitForAssertion(() => Assert.Equal("The adapter 'a' could not be loaded.", page.Find("[data-testid=playground-pane-2-error]").TextContent));
        page.WaitForAssertion(() => Assert.Equal("Hello", Answers(page)[0]));
        Assert.Empty(page.FindAll("[data-testid=playground-pane-1-error]"));
    }

    [Fact]
    public async Task Link_WithAnUnknownAdapter_SaysSoInItsPaneAndAsksTheOthers()
    {
        var page = Open("?adapters=gone,base");
        Assert.Contains("There is no adapter 'gone'.", page.Find("[data-testid=playground-pane-1-problem]").TextContent, StringComparison.Ordinal);

        var sending = await AskAsync(page, "Hi");
        Chat.Finish(0, "Hello");
        Chat.End();
        await sending;

        page.WaitForAssertion(() => Assert.Equal("Hello", page.Find("[data-testid=playground-pane-2-answer]").TextContent));
        Assert.Null(Assert.Single(Assert.Single(Chat.Requests).Panes).AdapterId);
    }

    [Fact]
    public async Task NoPaneCanAnswer_NothingIsSent()
    {
        var page = Open("?adapters=gone");

        await await TryAsync(page, "Hi");

        Assert.Empty(Chat.Requests);
        Assert.Equal("No pane can answer. Choose who answers first.", page.Find("[data-testid=playground-hint]").TextContent);
    }

    [Fact]
    public void Adapter_DeletedElsewhere_ItsPaneSaysSo()
    {
        Adapters.Add("a");
        var page = Open("?adapters=a");

        Adapters.DeleteAsync("a", Xunit.TestContext.Current.CancellationToken);

        page.WaitForAssertion(() => Assert.Contains("There is no adapter 'a'.", page.Find("[data-testid=playground-pane-1-problem]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stop_EndsTheStreamAndKeepsTheText()
    {
        var page = Open("");
        var sending = await AskAsync(page, "Hi");
        Chat.Say(0, "Hel");
        page.WaitForAssertion(() => Assert.Equal("Hel", Answers(page).Single()));

        await page.Find("[data-testid=playground-stop]").ClickAsync(new());
        await sending;

        page.WaitForAssertion(() => Assert.EndsWith("stopped", page.Find("[data-testid=playground-pane-1-figures]").TextContent, StringComparison.Ordinal));
        Assert.Equal(1, Chat.Cancelled);
    }

    [Fact]
    public async Task Leaving_WhileAnswering_EndsTheStream()
    {
        var page = Open("");
        var sending = await AskAsync(page, "Hi");

        await page.Instance.DisposeAsync();
        await sending;

        Assert.Equal(1, Chat.Cancelled);
    }

    [Fact]
    public async Task Refused_GivesTheQuestionBackAndSaysWhy()
    {
        Chat.Refused = new StudioException("The model 'base' is not loaded.");
        var page = Open("");

        var sending = await AskAsync(page, "Hi");

        await sending;
        page.WaitForAssertion(() => Assert.Contains("The model 'base' is not loaded.", page.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        Assert.Equal("Hi", page.Find("[data-testid=playground-prompt]").GetAttribute("value"));
        Assert.Empty(page.FindAll("[data-testid=playground-turn]"));
    }

    [Fact]
    public async Task Prompt_Empty_IsNotSent()
    {
        var page = Open("");

        await await TryAsync(page, "  \n ");

        Assert.Empty(Chat.Requests);
    }

    [Fact]
    public async Task Panes_AddChooseRemove_TheAddressFollows()
    {
        Adapters.Add("a");
        Adapters.Add("b");
        var page = Open("");

        await page.Find("[data-testid=add-pane]").ClickAsync(new());
        Assert.EndsWith("?adapters=base,b", Navigation.Uri, StringComparison.Ordinal);
        await page.Find("[data-testid=add-pane]").ClickAsync(new());
        await page.Find("[data-testid=add-pane]").ClickAsync(new());
        Assert.EndsWith("?adapters=base,b,a,base", Navigation.Uri, StringComparison.Ordinal);
        Assert.True(page.Find("[data-testid=add-pane]").HasAttribute("disabled"));
        await page.Find("[data-testid=playground-pane-4-choice]").ChangeAsync(new ChangeEventArgs { Value = "a" });
        await page.Find("[data-testid=playground-pane-1-remove]").ClickAsync(new());

        Assert.EndsWith("?adapters=b,a,a", Navigation.Uri, StringComparison.Ordinal);
        Assert.Equal(["b", "a", "a"], Choices(page));
    }

    [Fact]
    public void Pane_TheOnlyOne_CannotGo() => Assert.Empty(Open("").FindAll("[data-testid=playground-pane-1-remove]"));

    [Fact]
    public async Task Conversation_SeveralTurns_AreSentAndClearStartsOver()
    {
        var page = Open("");
        await AskAndFinishAsync(page, "one", "first");

        await AskAndFinishAsync(page, "two", "second");
        Assert.Equal(["one", "first", "two"], Chat.Requests[1].Panes[0].Messages.Select(message => message.Content));

        await page.Find("[data-testid=playground-pane-1-clear]").ClickAsync(new());
        Assert.Empty(page.FindAll("[data-testid=playground-turn]"));
        await AskAndFinishAsync(page, "three", "third");
        Assert.Equal(["three"], Chat.Requests[2].Panes[0].Messages.Select(message => message.Content));
    }

    [Fact]
    public async Task Settings_AllFields_AreSent()
    {
        var page = Open("");
        page.Find("[data-testid=playground-settings-toggle]").Click();
        (string Field, string Text)[] inputs =
        [
            ("system", "Be brief."), ("temperature", "0.5"), ("top-k", "40"), ("top-p", "0.8"), ("min-p", "0.1"), ("repetition-penalty", "1.2"), ("max-tokens", "64"), ("seed", "7"), ("stop-texts", "User:"),
        ];
        await Task.WhenAll(inputs.Select(input => page.Find($"[data-testid=playground-{input.Field}]").InputAsync(new ChangeEventArgs { Value = input.Text })));

        var sending = await AskAsync(page, "Hi");

        var request = Assert.Single(Chat.Requests);
        Assert.Equal(("system", "Be brief."), (request.Panes[0].Messages[0].Role, request.Panes[0].Messages[0].Content));
        Assert.Equal(["User:"], request.Sampling.Stop);
        var expected = new SamplingSettings { Temperature = 0.5, TopK = 40, TopP = 0.8, MinP = 0.1, RepetitionPenalty = 1.2, MaxNewTokens = 64, Seed = 7, Stop = request.Sampling.Stop };
        Assert.Equal(expected, request.Sampling);
        Chat.End();
        await sending;
    }

    [Fact]
    public async Task Settings_Wrong_AreSaidAtTheFieldAndNothingIsSent()
    {
        var page = Open("");
        page.Find("[data-testid=playground-settings-toggle]").Click();

        await page.Find("[data-testid=playground-temperature]").InputAsync(new ChangeEventArgs { Value = "0" });
        await await TryAsync(page, "Hi");

        Assert.Equal("Temperature is 0; expected a number above 0 (choose greedy for 0).", page.Find("[data-testid=playground-temperature-finding]").TextContent);
        Assert.Empty(Chat.Requests);
        await page.Find("[data-testid=playground-decoding]").ChangeAsync(new ChangeEventArgs { Value = "1" });
        Assert.Empty(page.FindAll("[data-testid=playground-temperature]"));
        var sending = page.Find("form").SubmitAsync();
        await Chat.BegunAsync();
        Assert.True(Assert.Single(Chat.Requests).Sampling.Greedy);
        Chat.End();
        await sending;
    }

    [Fact]
    public async Task Settings_BeginWithTheModelsOwnAndTellSo()
    {
        var sampling = new SamplingSettings { Temperature = 0.6, TopK = 20, SuppressTokens = [3], MaxNewTokens = 64 };
        Models.Loaded = [Models.Loaded[0] with { Defaults = new GenerationDefaults
        {
            Sampling = sampling,
            FromModel = [nameof(sampling.Temperature), nameof(sampling.TopK), nameof(sampling.SuppressTokens), nameof(sampling.MaxNewTokens)],
            NotApplied = ["num_beams = 4"],
        } }];
        var page = Open("");
        page.Find("[data-testid=playground-settings-toggle]").Click();
        string Origin() => string.Join(' ', page.Find("[data-testid=playground-origin]").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal("From the model's generation_config.json: Temperature 0.6, Top-k 20, Suppressed tokens 1, Longest answer 64. All others begin with the studio's.", Origin());
        Assert.Contains("num_beams = 4", page.Find("[data-testid=playground-not-applied]").TextContent, StringComparison.Ordinal);
        await page.Find("[data-testid=playground-top-k]").InputAsync(new ChangeEventArgs { Value = "5" });
        Assert.Contains("Top-k 20 (changed here)", Origin(), StringComparison.Ordinal);

        var sending = await AskAsync(page, "Hi");
        Assert.Equal(sampling with { TopK = 5, Stop = Chat.Requests[0].Sampling.Stop }, Chat.Requests[0].Sampling);
        Chat.End();
        await sending;
        await page.Find("[data-testid=playground-settings-reset]").ClickAsync(new());
        Assert.Equal("20", page.Find("[data-testid=playground-top-k]").GetAttribute("value"));
    }

    [Fact]
    public async Task LongConversation_ShowsWhatWasLeftOut_OrIsRefused()
    {
        var page = Open("");
        var sending = await AskAsync(page, "Hi");
        Assert.Equal(TooLong.DropOldest, Chat.Requests[0].WhenTooLong);
        Chat.Say(0, new ChatWindow(512, 600, 380, 2, 132));
        Chat.Finish(0, "Ahoy");
        Chat.End();
        await sending;
        Assert.StartsWith("The first turn was left out", page.Find("[data-testid=playground-pane-1-window]").TextContent, StringComparison.Ordinal);

        page.Find("[data-testid=playground-settings-toggle]").Click();
        await page.Find("[data-testid=playground-too-long]").ChangeAsync(new ChangeEventArgs { Value = "1" });
        sending = await AskAsync(page, "Again");
        Assert.Equal(TooLong.Refuse, Chat.Requests[1].WhenTooLong);
        Chat.End();
        await sending;
    }

    [Fact]
    public void Settings_EveryField_HasALabelAndHelp()
    {
        var page = Open("");
        page.Find("[data-testid=playground-settings-toggle]").Click();

        var inputs = page.FindAll("[data-testid=playground-settings] :is(input, select, textarea)");
        Assert.Equal(11, inputs.Count);
        Assert.All(inputs, input => Assert.Single(page.FindAll($"label[for={input.Id}]")));
        Assert.Equal(11, page.FindAll(".studio-help[aria-label]").Count);
    }

    [Fact]
    public void Reload_ShowsTheConversationAndTheSettingsAgain()
    {
        Adapters.Add("a");
        var pane = new PlaygroundPane("a");
        pane.Ask("Hi").Take(new(0, "Arr", FinishReason.Stop, 3, 9));
        var kept = new KeptPlayground { ModelId = TestModelService.ModelId, Settings = new SamplingForm { Greedy = true }, Panes = [new KeptPane(null, []), new KeptPane("a", [pane.Turns[0].Keep()])] };
        Modules.Setup<string?>("load").SetResult(kept.ToJson());

        var page = Open("?adapters=base,a");

        page.WaitForAssertion(() => Assert.Equal("Arr", page.Find("[data-testid=playground-pane-2-answer]").TextContent));
        Assert.StartsWith("greedy", page.Find("[data-testid=playground-summary]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Reload_WithOtherPanes_ShowsNoForeignConversation()
    {
        Adapters.Add("a");
        var pane = new PlaygroundPane("a");
        pane.Ask("Hi").Take(new(0, "Arr", FinishReason.Stop, 3, 9));
        var kept = new KeptPlayground { ModelId = TestModelService.ModelId, Settings = new SamplingForm { Greedy = true }, Panes = [new KeptPane("a", [pane.Turns[0].Keep()])] };
        Modules.Setup<string?>("load").SetResult(kept.ToJson());

        var page = Open("?adapters=base");

        page.WaitForAssertion(() => Assert.StartsWith("greedy", page.Find("[data-testid=playground-summary]").TextContent, StringComparison.Ordinal));
        Assert.Empty(page.FindAll("[data-testid=playground-turn]"));
    }

    [Fact]
    public async Task AfterAnAnswer_TheTabKeepsIt()
    {
        var page = Open("");

        await AskAndFinishAsync(page, "Hi", "Hello there");

        Assert.Contains(Modules.Invocations["save"], call => ((string)call.Arguments[0]!).Contains("Hello there", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SeveralModels_ChoiceOfAnother_ResetsThePanesToWhatFits()
    {
        Models.Loaded = [TestModelService.Model("base", "starter", "f"), TestModelService.Model("other", "second", "g")];
        Adapters.Add("a");
        Adapters.Add("b", modelId: "other", fingerprint: "g");
        var page = Open("?adapters=base,a");
        Assert.DoesNotContain(page.FindAll("[data-testid=playground-pane-2-choice] option"), option => option.GetAttribute("value") == "b");

        await page.Find("[data-testid=playground-model]").ChangeAsync(new ChangeEventArgs { Value = "1" });

        Assert.Equal(["base", "base"], Choices(page));
        Assert.EndsWith("?adapters=base,base&model=other", Navigation.Uri, StringComparison.Ordinal);
        var sending = await AskAsync(page, "Hi");
        Assert.Equal("other", Assert.Single(Chat.Requests).ModelId);
        Chat.End();
        await sending;
    }

    [Fact]
    public void SeveralModels_LinkWithAnAdapter_TakesItsModel()
    {
        Models.Loaded = [TestModelService.Model("base", "starter", "f"), TestModelService.Model("other", "second", "g")];
        Adapters.Add("b", modelId: "other", fingerprint: "g");

        var page = Open("?adapters=base,b");

        Assert.Equal("second", page.Find("[data-testid=playground-model] option[selected]").TextContent);
        Assert.Empty(page.FindAll("[data-testid=playground-pane-2-problem]"));
    }

    [Fact]
    public async Task Link_WithAModelThatIsNotLoaded_SaysSo()
    {
        var page = Open("?adapters=base&model=gone");

        Assert.Equal("The base model 'gone' of this link is not loaded.", page.Find("[data-testid=playground-model-finding]").TextContent);
        await page.Find("[data-testid=playground-model]").ChangeAsync(new ChangeEventArgs { Value = "0" });
        Assert.EndsWith("?adapters=base&model=base", Navigation.Uri, StringComparison.Ordinal);
        Assert.Empty(page.FindAll("[data-testid=playground-pane-1-problem]"));
    }

    private IRenderedComponent<PlaygroundPage> Open(string query)
    {
        Navigation.NavigateTo("/playground" + query);
        return Render<PlaygroundPage>();
    }

    /// <summary>Types and sends, and returns the task that ends with the answers.</summary>
    private static async Task<Task> TryAsync(IRenderedComponent<PlaygroundPage> page, string text)
    {
        await page.Find("[data-testid=playground-prompt]").InputAsync(new ChangeEventArgs { Value = text });
        return page.Find("form").SubmitAsync();
    }

    /// <summary>The same for a question that is asked: returns once the stream has begun.</summary>
    private async Task<Task> AskAsync(IRenderedComponent<PlaygroundPage> page, string text)
    {
        var sending = await TryAsync(page, text);
        await Chat.BegunAsync();
        return sending;
    }

    private async Task AskAndFinishAsync(IRenderedComponent<PlaygroundPage> page, string text, string answer)
    {
        var sending = await AskAsync(page, text);
        Chat.Finish(0, answer);
        Chat.End();
        await sending;
        Assert.Equal(answer, Answers(page)[0]);
    }

    private static string[] Choices(IRenderedComponent<PlaygroundPage> page) =>
        [.. page.FindAll(".studio-pane-choice").Select(choice => choice.QuerySelector("option[selected]")!.GetAttribute("value")!)];

    private static string[] Answers(IRenderedComponent<PlaygroundPage> page) =>
        [.. page.FindAll("[data-testid$=-answer]").Select(answer => answer.TextContent)];
}
