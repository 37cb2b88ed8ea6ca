using System.Buffers.Binary;
using System.Text;
using Studio.Bench.Measure;
using Studio.Core.Models;
using Studio.Core.Models.Families;
using Studio.Core.Tensors;
using Studio.Tests.Storage;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Models;

/// <summary>Weights that pass through the buffer are those of the file, whatever their size and place.</summary>
public sealed class WeightReaderTests : TensorTest
{
    private readonly TestDirectory _directory = new();

    protected override void Release() => _directory.Dispose();

    [Theory]
    [InlineData(ScalarType.Float16, ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32)]
    [InlineData(ScalarType.Float32, ScalarType.BFloat16)]
    [InlineData(ScalarType.BFloat16, ScalarType.BFloat16)]
    public void Read_TensorsOfManyPieces_EqualsTorchsConversionOfTheWhole(ScalarType stored, ScalarType compute)
    {
        RandomCheckpoint.Write(_directory.Root, stored, bytes: 0, seed: 5);
        using var checkpoint = Checkpoint.Open(_directory.Root);
        using var reader = new WeightReader(checkpoint, compute, CPU);
        AssertSame(checkpoint, reader, compute, ["model.embed_tokens.weight", "model.layers.0.mlp.down_proj.weight", "model.norm.weight"]);
        reader.RequireFinite();
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Read_FileWhoseDataBeginAtAnOddByte_EqualsTheAlignedOne(ScalarType compute)
    {
        RandomCheckpoint.Write(_directory.Root, ScalarType.BFloat16, bytes: 0, seed: 5);
        string path = _directory.File("model.safetensors");
        byte[] aligned = File.ReadAllBytes(path);
        int header = (int)BinaryPrimitives.ReadUInt64LittleEndian(aligned);
        byte[] odd = [.. aligned[..(8 + header)], (byte)' ', .. aligned[(8 + header)..]];
        BinaryPrimitives.WriteUInt64LittleEndian(odd, (ulong)header + 1);
        Assert.Equal("}", Encoding.UTF8.GetString(odd, 8, header + 1).Trim()[^1..]);
        File.WriteAllBytes(path, odd);
        using var checkpoint = Checkpoint.Open(_directory.Root);
        using var reader = new WeightReader(checkpoint, compute, CPU);
        AssertSame(checkpoint, reader, compute, ["model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight"]);
    }

    [Fact]
    public void Read_OneOfStackedExperts_IsItsSlice()
    {
        using var checkpoint = Checkpoint.Open(FixtureFolder.Model("gpt_oss"));
        var source = checkpoint.Family.Weight(new LayerId(0, BaseProjection.Down, Expert: 1));
        Assert.Equal(1, source.Expert);
        using var file = SafeTensorsFile.Open(Path.Combine(checkpoint.Folder, "model.safetensors"));
        using var stored = file.Map(source.Name);
        var other = stored.dtype == ScalarType.Float32 ? ScalarType.BFloat16 : ScalarType.Float32;
        foreach (var type in new[] { stored.dtype, other })
        {
            using var scope = NewDisposeScope();
            using var reader = new WeightReader(checkpoint, type, CPU);
            using var read = reader.Read(source);
            var expected = stored[1].to(type);
            Assert.True((source.Transposed ? expected.t() : expected).eq(read).all().item<bool>());
        }
    }

    private static void AssertSame(Checkpoint checkpoint, WeightReader reader, ScalarType compute, string[] names)
    {
        using var file = SafeTensorsFile.Open(Path.Combine(checkpoint.Folder, "model.safetensors"));
        var whole = file.ReadAll();
        foreach (string name in names)
        {
            using var scope = NewDisposeScope();
            using var read = reader.Read(new WeightSource(name));
            Assert.Equal(compute, read.dtype);
            Assert.True(whole[name].to(compute).eq(read).all().item<bool>(), name);
        }
        foreach (var tensor in whole.Values) tensor.Dispose();
    }
}
