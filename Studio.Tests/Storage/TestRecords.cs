using Studio.Core.Storage;

namespace Studio.Tests.Storage;

/// <summary>Records with a distinct value in every field.</summary>
internal static class TestRecords
{
    // Not on a millisecond: storage must keep every tick.
    public static readonly DateTimeOffset Moment = new DateTimeOffset(2026, 3, 29, 1, 59, 59, 987, TimeSpan.Zero).AddTicks(6543);

    public static ModelRecord Model(string id = "starter") => new()
    {
        Id = id,
        Name = "Starter",
        Folder = "/models/starter",
        Fingerprint = "f00d",
        Family = "llama",
        Parameters = 9_007_199_254_740_993,
        Bytes = long.MaxValue,
        ComputeType = "bf16",
        ContextLength = 512,
        AddedAt = Moment,
        HubId = "owner/starter",
        HubCommit = "0123456789abcdef0123456789abcdef01234567",
        LoadAtStart = true,
        RequestedType = "float32",
        Policy = "Lockstep",
    };

    public static DownloadRecord Download(string id = "download") => new()
    {
        Id = id,
        Kind = DownloadKind.Dataset,
        HubId = "owner/name",
        Revision = "main",
        Commit = "0123456789abcdef0123456789abcdef01234567",
        Subset = "small",
        Split = "test",
        Load = true,
        HasOwnToken = true,
        State = DownloadState.Failed,
        Error = "The disk is full.",
        TotalBytes = long.MaxValue,
        DoneBytes = 1L << 40,
        ResultId = "data",
        CreatedAt = Moment,
        EndedAt = Moment.AddHours(2),
    };

    public static DatasetRecord Dataset(string id = "data") => new()
    {
        Id = id,
        Name = "Pirates",
        FileName = "pirates.jsonl",
        Schema = "messages",
        Rows = 300,
        BadRows = 2,
        Bytes = 1L << 40,
        CreatedAt = Moment,
        Source = DatasetSource.Sample,
    };

    public static AdapterRecord Adapter(string id = "adapter") => new()
    {
        Id = id,
        Name = "pirate",
        Method = "lora",
        BaseModelId = "starter",
        BaseFingerprint = "f00d",
        RunId = "run",
        ParentId = "parent",
        Source = AdapterSource.Import,
        SourceName = "pirate.zip",
        DatasetId = "data",
        TrainableParameters = 5_000_000_000,
        Bytes = 20_000_000_000,
        Spec = """{"r":8}""",
        CreatedAt = Moment,
        UpdatedAt = Moment.AddHours(1),
        Tags = ["Yo ho", ""],
        Notes = "  indented\n",
    };

    public static RunRecord Run(string id = "run") => new()
    {
        Id = id,
        Name = "pirate 1",
        State = RunState.Paused,
        StateReason = "by the user",
        BaseModelId = "starter",
        BaseFingerprint = "f00d",
        DatasetId = "data",
        AdapterId = "adapter",
        Settings = """{"steps":100}""",
        SettingsSchema = 3,
        CreatedAt = Moment,
        StartedAt = Moment.AddSeconds(1),
        EndedAt = Moment.AddSeconds(2),
        Step = 50,
        TotalSteps = 100,
        Epoch = 0.1 + 0.2,
        TokensSeen = long.MaxValue - 1,
        LastLoss = double.NaN,
        BestEvalLoss = double.Epsilon,
        LastEvalLoss = -0.0,
        Error = "none",
    };

    public static ChatRecord Chat(string id = "chat") => new()
    {
        Id = id,
        Title = "Ahoy",
        BaseModelId = "starter",
        SystemPrompt = " be brief ",
        Sampling = """{"temperature":0.7}""",
        Panes = [new() { AdapterId = null }, new() { AdapterId = "adapter" }],
        Messages =
        [
            new() { Role = "user", Text = "  héllo 🏴‍☠️\n", Time = Moment },
            new() { Role = "assistant", Text = "", Pane = 1, Time = Moment.AddTicks(1) },
        ],
        CreatedAt = Moment,
        UpdatedAt = Moment.AddDays(1),
    };
}
