using System.Text;
using Studio.Core.Data;
using Studio.Web.Datasets;

namespace Studio.Tests.Web.Datasets;

public sealed class DatasetFormatsTests
{
    [Fact]
    public void All_EveryFormatThatImportsKnow_IsDocumented() =>
        Assert.Equal(
            Enum.GetNames<DatasetFormat>().Select(name => name.ToLowerInvariant()).Order(StringComparer.Ordinal),
            DatasetFormats.All.Select(format => format.Schema).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Examples_Imported_AreReadAsTheFormatTheyShow()
    {
        foreach (var format in DatasetFormats.All)
        {
            using var file = new MemoryStream(Encoding.UTF8.GetBytes(format.Example));
            var read = await DatasetImport.ReadAsync(file, null, TestContext.Current.CancellationToken);
            Assert.Equal(format.Schema, read.Format.ToString().ToLowerInvariant());
            Assert.Single(read.Rows);
        }
    }

    [Fact]
    public void TitleOf_UnknownSchema_KeepsItsName() => Assert.Equal("parquet", DatasetFormats.TitleOf("parquet"));
}
