using System.Buffers.Binary;
using Studio.Bench.Starter;

namespace Studio.Bench.Soak.Fuzz;

/// <summary>A damaged file. The same seeds, number and seed of the soak give the same one.</summary>
/// <param name="Seed">The sound file.</param>
/// <param name="Edits">What is done to it; each speaks of the sound file.</param>
/// <param name="KeepsLength">Of a .safetensors file: whether its length field follows the header as it changes.</param>
internal sealed record Mutation(FuzzSeed Seed, IReadOnlyList<Splice> Edits, bool KeepsLength)
{
    private const int MostEdits = 4;

    /// <summary>A mutation by its number.</summary>
    public static Mutation Make(IReadOnlyList<FuzzSeed> seeds, int soakSeed, int number)
    {
        var random = new SeededRandom(unchecked((soakSeed * 1_000_003) ^ number));
        // Every kind its share, however many files of it there are.
        var kinds = seeds.GroupBy(seed => seed.Kind).OrderBy(kind => kind.Key).ToArray();
        var seed = random.Pick(kinds[random.Next(kinds.Length)].ToArray());
        var edits = Enumerable.Range(0, 1 + Math.Min(random.Next(MostEdits), random.Next(MostEdits))).Select(_ => Edit(seed, random)).ToArray();
        return new Mutation(seed, edits, random.Next(5) > 0);
    }

    /// <summary>The damaged bytes, of some or all edits.</summary>
    /// <param name="mask">Bit i is edit i.</param>
    public byte[] Bytes(int mask = -1)
    {
        var chosen = Edits.Where((_, i) => (mask >> i & 1) != 0).ToList();
        byte[] bytes = Splice.Apply(Seed.Bytes, chosen);
        if (Seed.Kind != FuzzKind.Tensors || !KeepsLength || chosen.Any(edit => edit.Start < 8) || bytes.Length < 8) return bytes;
        int header = Seed.Json!.End, after = Splice.Apply(Seed.Bytes[..header], chosen.Where(edit => edit.Start + edit.Length <= header)).Length;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)Math.Max(0, after - 8 + Padding(Seed)));
        return bytes;
    }

    // Headers are padded with spaces behind their JSON.
    private static int Padding(FuzzSeed seed) => 8 + (int)BinaryPrimitives.ReadUInt64LittleEndian(seed.Bytes) - seed.Json!.End;

    private static Splice Edit(FuzzSeed seed, SeededRandom random)
    {
        if (seed.Kind == FuzzKind.Template) return random.Next(3) > 0 ? ByteEdits.Template(seed.Bytes, random) : ByteEdits.Make(seed.Bytes, 0, seed.Bytes.Length, random);
        if (seed.Json is { } json && random.Next(5) > 0) return JsonEdits.Make(seed.Bytes, json, random);
        int end = seed.Kind == FuzzKind.Tensors && random.Next(4) > 0 ? seed.Json!.End : seed.Bytes.Length;
        return ByteEdits.Make(seed.Bytes, 0, end, random);
    }
}
