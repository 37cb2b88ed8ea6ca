using Studio.Core.Runs;
using Studio.Core.Runs.Admission;

namespace Studio.Tests.Runs.Admission;

/// <summary>Who may train, over memory that is written down here: needed = what others hold + values and moments of all + the largest step.</summary>
public sealed class AdmissionRulesTests
{
    private const long MiB = 1 << 20;

    private static readonly MemoryForecast Asked = Run(held: 10, step: 200);

    [Fact]
    public void NeededWith_OnlyTheLargestStepCounts()
    {
        var plan = Plan(budget: 10_000, ("a", Run(10, 300), null), ("b", Run(20, 50), null), ("c", Run(30, 100), null));
        // 500 of bases, 40 of chats, 60 + 10 held, and the largest of 300, 50, 100, 200.
        Assert.Equal((500 + 40 + 70 + 300) * MiB, plan.NeededWith(Asked));
        Assert.Equal((10_000 - 500 - 40 - 60) * MiB, plan.StepRoom);
        Assert.Equal((500 + 210) * MiB, plan.NeededAlone(Asked));
    }

    [Fact]
    public void Judge_RoomForIt_FitsNow()
    {
        var fits = Assert.IsType<FitsNow>(AdmissionRules.Judge(Plan(750), null, Asked));
        Assert.Equal((750 * MiB, 750 * MiB), (fits.Needed, fits.Budget));
        Assert.Equal("Fits: with it the studio needs 750 MiB of its 750 MiB.", fits.Sentence);
    }

    [Fact]
    public void Judge_MoreThanTheBudgetAlone_NeverFits()
    {
        var plan = Plan(709, ("a", Run(1, 1), null));
        Assert.Equal(new NeverFits(710 * MiB, 709 * MiB), AdmissionRules.Judge(plan, null, Asked));
        Assert.Equal("Never fits: the studio would need 710 MiB with this run alone, and its budget is 709 MiB.", AdmissionRules.Judge(plan, null, Asked).Sentence);
    }

    [Fact]
    public void Judge_OthersHoldIt_NamesTheFirstEndThatMakesRoom()
    {
        // Ending 'small' comes first and frees too little; 'late' would free enough as well, but ends later.
        var plan = Plan(830, ("late", Run(60, 50), 60), ("small", Run(10, 20), 1), ("soon", Run(60, 20), 5));
        var wait = Assert.IsType<StartsAfter>(AdmissionRules.Judge(plan, null, Asked));
        Assert.Equal((WaitCause.Memory, "soon"), (wait.Cause, wait.RunId));
        Assert.Equal("Waits for memory: starts when 'soon' ends.", wait.Sentence);
    }

    [Fact]
    public void Judge_OneEndIsNotEnough_NamesTheLastThatIsNeeded()
    {
        var plan = Plan(760, ("a", Run(50, 10), 1), ("b", Run(50, 10), 2), ("c", Run(50, 10), null));
        Assert.Equal("c", Assert.IsType<StartsAfter>(AdmissionRules.Judge(plan, null, Asked)).RunId);
    }

    [Fact]
    public void Judge_OnlyChatsAreInTheWay_SaysSo()
    {
        var wait = Assert.IsType<StartsAfter>(AdmissionRules.Judge(Plan(720), null, Asked));
        Assert.Null(wait.RunId);
        Assert.Equal("Waits for memory: 30.0 MiB more are needed. Paused runs, chats or other models hold them; end or unload some.", wait.Sentence);
    }

    [Fact]
    public void Judge_AllPlacesTaken_WaitsForThePlaceThatIsFreeFirst()
    {
        var plan = Plan(10_000, ("a", Run(1, 1), 9), ("b", Run(1, 1), 3)) with { Places = 2 };
        var wait = Assert.IsType<StartsAfter>(AdmissionRules.Judge(plan, null, Asked));
        Assert.Equal((WaitCause.Place, "Waits for a place: starts when 'b' ends."), (wait.Cause, wait.Sentence));
    }

    [Fact]
    public void Judge_AnotherWaitsAlready_IsNotOvertaken()
    {
        var before = new PlannedRun("first", "First", Run(10, 9_000), null);
        var wait = Assert.IsType<StartsAfter>(AdmissionRules.Judge(Plan(10_000), before, Asked));
        Assert.Equal((WaitCause.Turn, "first", "Waits its turn: 'First' is before it."), (wait.Cause, wait.RunId, wait.Sentence));
    }

    [Fact]
    public void Judge_ASmallerBatchFits_OffersTheLargestThatDoes()
    {
        CheaperSettings[] cheaper = [new(8, 2, false, Run(10, 110)), new(4, 4, false, Run(10, 60)), new(2, 8, false, Run(10, 30))];
        var changed = Assert.IsType<FitsChanged>(AdmissionRules.Judge(Plan(620), null, Asked, 16, cheaper));
        Assert.Equal((4, 4, false), (changed.Batch, changed.Accumulation, changed.Checkpointing));
        Assert.IsType<NeverFits>(changed.Unchanged);
        Assert.StartsWith("Fits now with batch size 4 instead of 16 (and gradient accumulation 4, so that the training stays the same). As it is: Never fits: ", changed.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16, 1, true, "Fits now with activation checkpointing. As it is: Waits for a place.")]
    [InlineData(8, 2, true, "Fits now with activation checkpointing and with batch size 8 instead of 16 (and gradient accumulation 2, so that the training stays the same). As it is: Waits for a place.")]
    public void Sentence_Checkpointing_IsNamed(int batch, int accumulation, bool checkpointing, string sentence) =>
        Assert.Equal(sentence, new FitsChanged(16, batch, accumulation, checkpointing, new StartsAfter(WaitCause.Place, null, null, 0)).Sentence);

    [Fact]
    public void Judge_NothingSmallerFits_IsWhatItWas()
    {
        CheaperSettings[] cheaper = [new(8, 2, false, Run(10, 190))];
        Assert.IsType<NeverFits>(AdmissionRules.Judge(Plan(620), null, Asked, 16, cheaper));
    }

    private static MemoryForecast Run(long held, long step) => new(held * MiB, 0, 0, step * MiB, 0);

    private static MemoryPlan Plan(long budget, params (string Id, MemoryForecast Memory, int? Minutes)[] active) => new(budget * MiB, Permanent: 500 * MiB, Others: 40 * MiB, Places: 16,
        [.. active.Select(run => new PlannedRun(run.Id, run.Id, run.Memory, run.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null))]);
}
