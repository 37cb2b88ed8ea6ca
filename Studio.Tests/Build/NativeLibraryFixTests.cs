using System.Diagnostics;
using System.Reflection;
using System.Text;
using Studio.Build;
using Studio.Tests.Storage;
using TorchSharp;

namespace Studio.Tests.Build;

public sealed class NativeLibraryFixTests : IDisposable
{
    private readonly TestDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    // Reference values: the hashes that `objdump -p` prints before required versions.
    [Theory]
    [InlineData("GLIBCXX_3.4", 0x08922974u)]
    [InlineData("GLIBC_2.2.5", 0x09691a75u)]
    [InlineData("CXXABI_1.3", 0x056bafd3u)]
    public void Hash_KnownVersion_IsTheAbisHash(string name, uint expected) => Assert.Equal(expected, ElfSymbolVersions.Hash(name));

    [Fact]
    public void Fix_LibraryAskingForTheNewVersion_ChangesTheThreeRecordsOnly()
    {
        byte[] file = TestElf.Asking().ToArray();
        Assert.True(ElfSymbolVersions.Fix(file));
        // The same library, asking for the older symbol from the start; the old name and the unused version stay in the string table.
        byte[] before = TestElf.Asking().ToArray();
        byte[] expected = Replace(before, Encoding.ASCII.GetBytes(TestElf.NewSymbol), Encoding.ASCII.GetBytes(TestElf.OldSymbol.PadRight(TestElf.NewSymbol.Length, '\0')));
        var changed = Enumerable.Range(0, file.Length).Where(i => file[i] != expected[i]).ToList();
        Assert.NotEmpty(changed);
        Assert.Equal(("GLIBCXX_3.4", "GLIBCXX_3.4", "GLIBCXX_3.4.21"), (VersionOf(file, TestElf.OldSymbol), VersionOf(file, "_ZNSt6localeD1Ev"), VersionOf(file, "_ZNSt7__cxx1112basic_stringD1Ev")));
        Assert.Equal(["GLIBCXX_3.4", "GLIBCXX_3.4.21", "GLIBCXX_3.4.21"], Needs(file).Select(need => need.Name));
        Assert.All(Needs(file), need => Assert.Equal(ElfSymbolVersions.Hash(need.Name), need.Hash));
        Assert.InRange(changed.Count, 1, 10); // version index: 2 bytes; hash and name of the requirement: 4 each
    }

    [Fact]
    public void Fix_LibraryThatAsksForNothingNew_IsLeftAsItIs()
    {
        byte[] file = new TestElf().Needs("GLIBCXX_3.4", 2).Symbol("_ZNSt6localeD1Ev", 2).ToArray();
        byte[] before = [.. file];
        Assert.False(ElfSymbolVersions.Fix(file));
        Assert.Equal(before, file);
    }

    public static TheoryData<string, string> Foreign => new()
    {
        { "another symbol", "the symbol _ZNew needs GLIBCXX_3.4.32 too" },
        { "no base version", "does not require GLIBCXX_3.4," },
        { "no present version", "has no GLIBCXX_3.4.21" },
        { "no library", "not a 64-bit little-endian ELF file" },
        { "32 bits", "not a 64-bit little-endian ELF file" },
        { "empty", "not a 64-bit little-endian ELF file" },
        { "truncated", "points outside of the file" },
    };

    [Theory]
    [MemberData(nameof(Foreign))]
    public void FixFile_FileItDoesNotUnderstand_IsRefusedAndLeftAsItIs(string kind, string reason)
    {
        byte[] sound = TestElf.Asking().ToArray();
        byte[] file = kind switch
        {
            "another symbol" => TestElf.Asking().Symbol("_ZNew", 4).ToArray(),
            "no base version" => new TestElf().Needs("GLIBCXX_3.4.21", 3).Needs("GLIBCXX_3.4.32", 4).Symbol(TestElf.NewSymbol, 4).ToArray(),
            "no present version" => new TestElf().Needs("GLIBCXX_3.4", 2).Needs("GLIBCXX_3.4.32", 4).Symbol(TestElf.NewSymbol, 4).ToArray(),
            "no library" => Encoding.UTF8.GetBytes(new string('x', 200)),
            "32 bits" => [.. sound[..4], 1, .. sound[5..]],
            "empty" => [],
            _ => sound[..^100],
        };
        string path = _folder.File("lib.so");
        File.WriteAllBytes(path, file);
        var refusal = Assert.Throws<InvalidDataException>(() => ElfSymbolVersions.FixFile(path));
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(file, File.ReadAllBytes(path));
        Assert.Equal(["lib.so"], _folder.Entries);
    }

    [Fact]
    public void FixFile_HardLinkToThePackageCache_ReplacesTheLinkAndNotTheFile()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("The fix and its hard links are for Linux.");
        byte[] original = TestElf.Asking().ToArray();
        string cached = _folder.File("cached.so"), copy = _folder.File("copy.so");
        File.WriteAllBytes(cached, original);
        var stamp = new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(cached, stamp);
        Link(cached, copy);

        Assert.True(ElfSymbolVersions.FixFile(copy));

        Assert.Equal(original, File.ReadAllBytes(cached));
        byte[] once = File.ReadAllBytes(copy);
        Assert.NotEqual(original, once);
        Assert.Equal(stamp, File.GetLastWriteTimeUtc(copy)); // else every build would copy and adapt it again
        Assert.False(ElfSymbolVersions.FixFile(copy));
        Assert.Equal(once, File.ReadAllBytes(copy));
        Assert.Equal(["cached.so", "copy.so"], _folder.Entries);
    }

    [Fact]
    public void FixFile_TorchSharpsLibrary_AsksForNothingNewAfterwards()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("The fix is for Linux.");
        string package = PackageLibrary();
        byte[] original = File.ReadAllBytes(package);
        Assert.True(Contains(original, "GLIBCXX_3.4.32"), $"'{package}' does not ask for GLIBCXX_3.4.32: the package cache was changed, or TorchSharp no longer needs the fix.");
        Assert.Equal(TestElf.NewSymbol, Assert.Single(UsersOf(original, "GLIBCXX_3.4.32")));

        string copy = _folder.File("libLibTorchSharp.so");
        File.Copy(package, copy);
        Assert.True(ElfSymbolVersions.FixFile(copy));
        byte[] adapted = File.ReadAllBytes(copy);

        Assert.DoesNotContain("GLIBCXX_3.4.32", Needs(adapted).Select(need => need.Name));
        Assert.All(Needs(adapted), need => Assert.Equal(ElfSymbolVersions.Hash(need.Name), need.Hash));
        Assert.Equal("GLIBCXX_3.4", VersionOf(adapted, TestElf.OldSymbol));
        Assert.Equal(original.Length, adapted.Length);
        Assert.InRange(Enumerable.Range(0, original.Length).Count(i => original[i] != adapted[i]), 1, TestElf.NewSymbol.Length + 10);
        Assert.Equal(original, File.ReadAllBytes(package));
    }

    private static string PackageLibrary()
    {
        string root = typeof(NativeLibraryFixTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "NuGetPackageRoot").Value!;
        return Path.Combine(root, "torchsharp", typeof(torch).Assembly.GetName().Version!.ToString(3), "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
    }

    private static string VersionOf(byte[] file, string symbol)
    {
        var elf = new ReadElf(file);
        int index = Assert.Single(elf.Symbols, found => found.Name == symbol).Version & 0x7fff;
        return Assert.Single(elf.Needs, need => need.Index == index).Name;
    }

    private static string[] UsersOf(byte[] file, string version)
    {
        var elf = new ReadElf(file);
        int index = Assert.Single(elf.Needs, need => need.Name == version).Index;
        return [.. elf.Symbols.Where(symbol => (symbol.Version & 0x7fff) == index).Select(symbol => symbol.Name)];
    }

    private static List<ReadElf.Need> Needs(byte[] file) => new ReadElf(file).Needs;

    private static bool Contains(byte[] file, string text) => file.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0;

    private static byte[] Replace(byte[] file, byte[] found, byte[] by)
    {
        byte[] result = [.. file];
        by.CopyTo(result, file.AsSpan().IndexOf(found));
        return result;
    }

    private static void Link(string existing, string created)
    {
        using var process = Process.Start("ln", [existing, created]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
