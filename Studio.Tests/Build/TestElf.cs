using System.Buffers.Binary;
using System.Text;
using Studio.Build;

namespace Studio.Tests.Build;

/// <summary>
/// Lays out a minimal 64-bit little-endian ELF library by the System V ABI: section headers, a dynamic symbol table with its strings, the
/// versions of the symbols, and the versions required of libstdc++.
/// </summary>
internal sealed class TestElf
{
    public const string NewSymbol = "_ZSt21ios_base_library_initv", OldSymbol = "_ZNSt8ios_base4InitC1Ev";
    private const int HeaderBytes = 64, SectionBytes = 64, SymbolBytes = 24, NeedBytes = 16;
    private const uint StringTable = 3, DynamicSymbols = 11, SymbolVersions = 0x6fffffff, VersionNeeds = 0x6ffffffe;

    private readonly List<(string Name, ushort Version)> _symbols = [("", 0)];
    private readonly List<(string Name, ushort Index)> _needs = [];

    public TestElf Needs(string version, ushort index)
    {
        _needs.Add((version, index));
        return this;
    }

    public TestElf Symbol(string name, ushort version)
    {
        _symbols.Add((name, version));
        return this;
    }

    /// <summary>The library as TorchSharp's asks: one symbol of the new version among others of older ones.</summary>
    public static TestElf Asking() => new TestElf().Needs("GLIBCXX_3.4", 2).Needs("GLIBCXX_3.4.21", 3).Needs("GLIBCXX_3.4.32", 4)
        .Symbol("_ZNSt6localeD1Ev", 2).Symbol(NewSymbol, 4).Symbol("_ZNSt7__cxx1112basic_stringD1Ev", 3);

    public byte[] ToArray()
    {
        var strings = new MemoryStream();
        strings.WriteByte(0);
        var offsets = new Dictionary<string, uint>(StringComparer.Ordinal) { [""] = 0 };
        foreach (string text in _symbols.Select(symbol => symbol.Name).Concat(_needs.Select(need => need.Name)).Append("libstdc++.so.6"))
        {
            if (!offsets.TryAdd(text, (uint)strings.Length)) continue;
            strings.Write(Encoding.ASCII.GetBytes(text + '\0'));
        }
        int symbolsAt = HeaderBytes, versionsAt = symbolsAt + (_symbols.Count * SymbolBytes), needsAt = versionsAt + (_symbols.Count * 2),
            stringsAt = needsAt + NeedBytes + (_needs.Count * NeedBytes), sectionsAt = stringsAt + (int)strings.Length;
        var file = new byte[sectionsAt + (4 * SectionBytes)];
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(file, 0);
        Long(file, 0x28, sectionsAt);
        Short(file, 0x3a, SectionBytes);
        Short(file, 0x3c, 4);
        for (int i = 0; i < _symbols.Count; i++)
        {
            Int(file, symbolsAt + (i * SymbolBytes), offsets[_symbols[i].Name]);
            Short(file, versionsAt + (i * 2), _symbols[i].Version);
        }
        Short(file, needsAt, 1);
        Short(file, needsAt + 2, (ushort)_needs.Count);
        Int(file, needsAt + 4, offsets["libstdc++.so.6"]);
        Int(file, needsAt + 8, NeedBytes);
        for (int i = 0; i < _needs.Count; i++)
        {
            int at = needsAt + NeedBytes + (i * NeedBytes);
            Int(file, at, ElfSymbolVersions.Hash(_needs[i].Name));
            Short(file, at + 6, _needs[i].Index);
            Int(file, at + 8, offsets[_needs[i].Name]);
            Int(file, at + 12, i + 1 < _needs.Count ? NeedBytes : 0u);
        }
        strings.ToArray().CopyTo(file, stringsAt);
        Section(0, StringTable, stringsAt, (int)strings.Length, 0, 0);
        Section(1, DynamicSymbols, symbolsAt, _symbols.Count * SymbolBytes, 0, 0);
        Section(2, SymbolVersions, versionsAt, _symbols.Count * 2, 1, 0);
        Section(3, VersionNeeds, needsAt, stringsAt - needsAt, 0, 1);
        return file;

        void Section(int index, uint type, int offset, int bytes, uint link, uint info)
        {
            int at = sectionsAt + (index * SectionBytes);
            Int(file, at + 4, type);
            Long(file, at + 0x18, offset);
            Long(file, at + 0x20, bytes);
            Int(file, at + 0x28, link);
            Int(file, at + 0x2c, info);
        }
    }

    private static void Short(byte[] file, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);

    private static void Int(byte[] file, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);

    private static void Long(byte[] file, int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at), value);
}
