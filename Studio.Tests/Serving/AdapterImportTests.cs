using System.IO.Compression;
using System.Text;
using Studio.Core;
using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Serving;
using Studio.Core.Storage;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Serving;

public sealed class AdapterImportTests : TensorTest
{
    private static readonly LoraSpec Small = new() { Rank = 2, Targets = TargetSelection.Of("q_proj", "v_proj") };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("nested/deep/")]
    public async Task Import_ZipOfAnExport_IsTheSameAdapterWithItsOrigin(string prefix)
    {
        await using var rig = await ServingRig.CreateAsync();
        var original = await CreateAsync(rig);
        using var zip = await ExportAsync(rig, original.Id, prefix);

        using var staged = await rig.Adapters.StageAsync(AdapterPackage.Zip("pirate.zip", zip), Ct);
        Assert.Equal("starter", staged.BaseModel);
        Assert.Equal(original.BaseModelId, staged.BaseAmong(rig.Models.Loaded)!.Record.Id);
        var imported = await rig.Adapters.ImportAsync(staged, "", original.BaseModelId, Ct);

        Assert.Equal(("pirate", AdapterSource.Import, "pirate.zip", null, null), (imported.Name, imported.Source, imported.SourceName, imported.RunId, imported.ParentId));
        Assert.Equal((original.TrainableParameters, original.BaseFingerprint, original.Method), (imported.TrainableParameters, imported.BaseFingerprint, imported.Method));
        Assert.Equal(original.Spec, imported.Spec);
        Assert.Equal((await rig.Adapters.TensorsAsync(original.Id, Ct)).Select(Told), (await rig.Adapters.TensorsAsync(imported.Id, Ct)).Select(Told));
        Assert.True((await rig.Adapters.ChatAsync(imported.Id, Ct))!.IsOwn);
        Assert.Equal((await rig.Adapters.ChatAsync(original.Id, Ct))!.Stops, (await rig.Adapters.ChatAsync(imported.Id, Ct))!.Stops);
        staged.Dispose();
        AssertHolds(rig, original.Id, imported.Id);

        static string Told(AdapterTensorInfo tensor) => $"{tensor.Name} {string.Join('x', tensor.Shape)} {tensor.Norm:R}";
    }

    [Fact]
    public async Task Import_FolderOfThisMachineAndLooseFiles_LeaveTheFolderAsItIs()
    {
        await using var rig = await ServingRig.CreateAsync();
        var original = await CreateAsync(rig);
        using var folder = await UnpackAsync(rig, original.Id);
        string[] before = Directory.GetFiles(folder.Root);

        using (var staged = await rig.Adapters.StageAsync(AdapterPackage.Folder(folder.Root), Ct))
            Assert.Equal(original.TrainableParameters, (await rig.Adapters.ImportAsync(staged, "One", original.BaseModelId, Ct)).TrainableParameters);
        PackagedFile[] files = [.. before.Select(path => new PackagedFile(Path.GetFileName(path), new FileInfo(path).Length, _ => File.OpenRead(path)))];
        using (var staged = await rig.Adapters.StageAsync(AdapterPackage.Files("mine", files), Ct))
            Assert.Equal("mine", (await rig.Adapters.ImportAsync(staged, "", original.BaseModelId, Ct)).Name);

        Assert.Equal(before, Directory.GetFiles(folder.Root));
        Assert.Equal(3, Directory.EnumerateFileSystemEntries(AdaptersOf(rig)).Count());
    }

    [Fact]
    public async Task Import_OtherShapes_NamesEachTensorAndBothShapesAndStoresNothing()
    {
        await using var rig = await ServingRig.CreateAsync();
        var model = await rig.Models.LoadAsync(ServingRig.Starter, ct: Ct);

        using var staged = await rig.Adapters.StageAsync(AdapterPackage.Folder(FixtureFolder.Adapter("llama/lora")), Ct);
        var refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.ImportAsync(staged, "tiny", model.Id, Ct));

        Assert.Equal("'lora' does not fit the base model 'starter'.", refusal.Message);
        Assert.Contains(refusal.Details, detail => detail.StartsWith("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight is [", StringComparison.Ordinal) && detail.Contains("the base model needs [", StringComparison.Ordinal));
        AssertHolds(rig);
    }

    [Fact]
    public async Task Import_ModulesThatTheBaseLacks_AreNamed()
    {
        await using var rig = await ServingRig.CreateAsync();
        var model = await rig.Models.LoadAsync(ServingRig.Starter, ct: Ct);

        using var staged = await rig.Adapters.StageAsync(AdapterPackage.Folder(FixtureFolder.Adapter("gpt2/lora_all_linear")), Ct);
        var refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.ImportAsync(staged, "gpt", model.Id, Ct));

        Assert.Contains(refusal.Details, detail => detail.Contains("c_attn", StringComparison.Ordinal));
        AssertHolds(rig);
    }

    [Fact]
    public async Task Import_ValuesThatAreNotFinite_AreRefusedWithTheTensor()
    {
        await using var rig = await ServingRig.CreateAsync();
        var original = await CreateAsync(rig);
        using var folder = await UnpackAsync(rig, original.Id);
        Spoil(Path.Combine(folder.Root, PeftFormat.WeightsFile));

        using var staged = await rig.Adapters.StageAsync(AdapterPackage.Folder(folder.Root), Ct);
        var refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.ImportAsync(staged, "x", original.BaseModelId, Ct));

        Assert.Contains("holds values that are not finite", refusal.Message, StringComparison.Ordinal);
        AssertHolds(rig, original.Id);
    }

    [Theory]
    [InlineData("adapter_config.json|adapter_model.bin", "a pickle file, which can run any code when it is opened; it was not opened.")]
    [InlineData("adapter_config.json", "has no adapter_model.safetensors")]
    [InlineData("adapter_model.safetensors", "is no adapter: it has no adapter_config.json")]
    [InlineData("a/adapter_config.json|b/adapter_config.json", "holds 2 adapters; expected one.")]
    [InlineData("adapter_config.json|adapter_model.safetensors|../../evil.json", "its entry '../../evil.json' leads out of the zip.")]
    [InlineData("adapter_config.json|adapter_model.safetensors|/etc/evil", "leads out of the zip.")]
    [InlineData("adapter_config.json|adapter_model.safetensors|..\\evil", "leads out of the zip.")]
    [InlineData("adapter_config.json|adapter_config.json|adapter_model.safetensors", "holds 2 adapters; expected one.")]
    public async Task Stage_ZipThatIsNoSoundAdapter_IsRefusedWithTheReasonAndLeavesNothing(string entries, string message)
    {
        await using var rig = await ServingRig.CreateAsync();
        using var zip = Zip([.. entries.Split('|').Select(name => (name, "{}"))]);

        var refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.StageAsync(AdapterPackage.Zip("it.zip", zip), Ct));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("it.zip", refusal.Message, StringComparison.Ordinal);
        AssertHolds(rig);
    }

    [Theory]
    [InlineData("{\"peft_type\":\"POLY\"}", "'POLY' is not supported")]
    [InlineData("{\"peft_type\":", "is not valid JSON")]
    public async Task Stage_ConfigThatCannotBeRead_SaysWhyWithoutPlacesOfThisMachine(string config, string message)
    {
        await using var rig = await ServingRig.CreateAsync();
        string weights = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Path.Combine(FixtureFolder.Adapter("llama/lora"), PeftFormat.WeightsFile), Ct));
        using var zip = Zip(("adapter_config.json", config), ("adapter_model.safetensors", weights));

        var refusal = await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.StageAsync(AdapterPackage.Zip("it.zip", zip), Ct));

        Assert.StartsWith("'it.zip' was not imported: ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(AdaptersOf(rig), refusal.Message, StringComparison.Ordinal);
        AssertHolds(rig);
    }

    [Fact]
    public async Task Stage_NoZip_SaysSo()
    {
        await using var rig = await ServingRig.CreateAsync();
        using var text = new MemoryStream("this is no zip"u8.ToArray());

        Assert.StartsWith("'it.zip' cannot be read as a zip: ", (await Assert.ThrowsAsync<StudioException>(() => rig.Adapters.StageAsync(AdapterPackage.Zip("it.zip", text), Ct))).Message, StringComparison.Ordinal);
        AssertHolds(rig);
    }

    [Theory]
    [InlineData(1000, 1000, "'adapter_model.safetensors' of 'it.zip' is too large")]
    [InlineData(1 << 20, 10, "'adapter_config.json' of 'it.zip' is too large")]
    public async Task Bring_ZipThatUnpacksToMoreThanIsAllowed_IsCutOff(long bytes, long small, string message)
    {
        using var folder = new TestDirectory();
        Directory.CreateDirectory(folder.Root);
        using var bomb = Zip(("adapter_config.json", new string(' ', 100)), ("adapter_model.safetensors", new string('\0', 1 << 19)));

        var refusal = await Assert.ThrowsAsync<StudioException>(() => AdapterPackage.Zip("it.zip", bomb).BringAsync(folder.Root, new AdapterPackageLimits { Bytes = bytes, SmallFileBytes = small }, Ct));

        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Duplicate_CopiesValuesAndNamesItsParent()
    {
        await using var rig = await ServingRig.CreateAsync();
        var original = await CreateAsync(rig);
        await rig.Adapters.UpdateAsync(original.Id, "pirate", ["style"], "Mine.", Ct);

        var copy = await rig.Adapters.DuplicateAsync(original.Id, ct: Ct);

        Assert.Equal(("pirate copy", original.Id, AdapterSource.Copy, "Mine."), (copy.Name, copy.ParentId, copy.Source, copy.Notes));
        Assert.Equal(["style"], copy.Tags);
        Assert.Equal((await rig.Adapters.TensorsAsync(original.Id, Ct)).Select(tensor => tensor.Norm), (await rig.Adapters.TensorsAsync(copy.Id, Ct)).Select(tensor => tensor.Norm));
        await using var lease = await rig.Pool.AcquireAsync(original.Id, Ct);
        var uses = await rig.Adapters.UsesAsync(original.Id, Ct);
        Assert.Equal([new AdapterUse(copy.Id, copy.Name)], uses.Children);
        Assert.Equal((0, 1), (uses.Runs.Count, uses.Answers));
        await rig.Adapters.DeleteAsync(copy.Id, Ct);
        Assert.Empty((await rig.Adapters.UsesAsync(original.Id, Ct)).Children);
        AssertHolds(rig, original.Id);
    }

    private static async Task<AdapterRecord> CreateAsync(ServingRig rig)
    {
        var model = await rig.Models.LoadAsync(ServingRig.Starter, ct: Ct);
        return await rig.Adapters.CreateAsync("pirate", Small, model.Id, ct: Ct);
    }

    // Exported, and packed again below a folder.
    private static async Task<MemoryStream> ExportAsync(ServingRig rig, string id, string prefix = "")
    {
        var exported = new MemoryStream();
        await rig.Adapters.ExportAsync(id, exported, Ct);
        exported.Position = 0;
        using var zip = new ZipArchive(exported);
        var packed = new MemoryStream();
        using (var target = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var entry in zip.Entries)
            {
                using var from = entry.Open();
                using var to = target.CreateEntry(prefix + entry.FullName).Open();
                from.CopyTo(to);
            }
        }
        packed.Position = 0;
        return packed;
    }

    private static async Task<TestDirectory> UnpackAsync(ServingRig rig, string id)
    {
        var folder = new TestDirectory();
        using var zip = new ZipArchive(await ExportAsync(rig, id));
        zip.ExtractToDirectory(folder.Root);
        return folder;
    }

    private static MemoryStream Zip(params (string Name, string Text)[] entries)
    {
        var packed = new MemoryStream();
        using (var zip = new ZipArchive(packed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, text) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.Latin1.GetBytes(text));
            }
        }
        packed.Position = 0;
        return packed;
    }

    private static void Spoil(string path)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors;
        using (var file = SafeTensorsFile.Open(path)) tensors = file.ReadAll();
        var one = tensors.First().Value;
        one.view(-1)[0] = float.NaN;
        SafeTensorsFile.Write(path, [.. tensors]);
        foreach (var tensor in tensors.Values) tensor.Dispose();
    }

    private static string AdaptersOf(ServingRig rig) => Path.GetDirectoryName(rig.AdapterFolder("x"))!;

    private static void AssertHolds(ServingRig rig, params string[] ids) =>
        Assert.Equal(ids.Order(StringComparer.Ordinal), Directory.EnumerateFileSystemEntries(AdaptersOf(rig)).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
}
