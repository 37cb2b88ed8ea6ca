using System.Buffers.Binary;
using System.Text;

namespace Studio.Tests.Build;

/// <summary>Dynamic symbols and required versions of a 64-bit ELF library, read apart from the code under test (records of the LSB, chapter symbol versioning).</summary>
internal sealed class ReadElf
{
    public ReadElf(byte[] file)
    {
        var sections = Sections(file);
        var symbols = sections.First(section => section.Type == 11);
        var strings = sections[(int)symbols.Link];
        var versions = sections.First(section => section.Type == 0x6fffffff);
        var needs = sections.First(section => section.Type == 0x6ffffffe);
        for (int i = 0; i < symbols.Bytes / 24; i++)
            Symbols.Add(new Symbol(Text(file, strings.Offset + (int)UInt(file, symbols.Offset + (i * 24))), UShort(file, versions.Offset + (i * 2))));
        for (int entry = needs.Offset, i = 0; i < needs.Info; i++)
        {
            int aux = entry + (int)UInt(file, entry + 8);
            for (int j = 0; j < UShort(file, entry + 2); j++)
            {
                Needs.Add(new Need(Text(file, strings.Offset + (int)UInt(file, aux + 8)), UShort(file, aux + 6), UInt(file, aux)));
                aux += (int)UInt(file, aux + 12);
            }
            entry += (int)UInt(file, entry + 12);
        }
    }

    public List<Symbol> Symbols { get; } = [];

    public List<Need> Needs { get; } = [];

    private static List<Section> Sections(byte[] file)
    {
        int at = (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(0x28)), bytes = UShort(file, 0x3a);
        return [.. Enumerable.Range(0, UShort(file, 0x3c)).Select(i => at + (i * bytes)).Select(header => new Section(
            UInt(file, header + 4), (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(header + 0x18)),
            (int)BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(header + 0x20)), UInt(file, header + 0x28), UInt(file, header + 0x2c)))];
    }

    private static string Text(byte[] file, int at) => Encoding.ASCII.GetString(file.AsSpan(at, file.AsSpan(at).IndexOf((byte)0)));

    private static uint UInt(byte[] file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));

    private static ushort UShort(byte[] file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));

    public sealed record Symbol(string Name, ushort Version);

    public sealed record Need(string Name, ushort Index, uint Hash);

    private sealed record Section(uint Type, int Offset, int Bytes, uint Link, uint Info);
}
