using Microsoft.Extensions.Configuration;
using Studio.Web.Hosting;

namespace Studio.Tests.Web.Hosting;

public sealed class ListenAddressesTests
{
    [Fact]
    public void From_NothingConfigured_TakesTheDefaultPort()
    {
        var addresses = ListenAddresses.From(Configuration(), _ => true);

        Assert.Equal(["http://127.0.0.1:5210"], addresses.Urls);
        Assert.Null(addresses.Notice);
    }

    [Fact]
    public void From_DefaultPortTaken_TakesTheNextFreeOneAndSaysSo()
    {
        var addresses = ListenAddresses.From(Configuration(), port => port >= 5213);

        Assert.Equal(["http://127.0.0.1:5213"], addresses.Urls);
        Assert.Equal("Port 5210 is in use by another program, so this studio takes 5213.", addresses.Notice);
    }

    [Fact]
    public void From_EveryPortTaken_SaysHowToChooseAnother()
    {
        var failure = Assert.Throws<StartupException>(() => ListenAddresses.From(Configuration(), _ => false));

        Assert.Contains("5210 to 5259", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--urls", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:6000")]
    [InlineData("http://localhost:6000")]
    [InlineData("http://[::1]:6000")]
    [InlineData("https://127.0.0.2:6000")]
    public void From_LoopbackUrl_IsTakenAsItIs(string url) =>
        Assert.Equal([url], ListenAddresses.From(Configuration(("urls", url)), _ => false).Urls);

    [Theory]
    [InlineData("http://0.0.0.0:6000")]
    [InlineData("http://*:6000")]
    [InlineData("http://+:6000")]
    [InlineData("http://[::]:6000")]
    [InlineData("http://192.168.1.5:6000")]
    [InlineData("http://studio.example.com:6000")]
    [InlineData("http://localhost.example.com:6000")]
    [InlineData("http://127.0.0.1:6000;http://0.0.0.0:6001")]
    [InlineData("http://unix:/tmp/studio.sock")]
    public void From_AddressThatOthersReach_IsRefused(string url)
    {
        var failure = Assert.Throws<StartupException>(() => ListenAddresses.From(Configuration(("urls", url)), _ => true));

        Assert.Contains("no authentication yet", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void From_KestrelEndpointThatOthersReach_IsRefusedByItsName()
    {
        var configuration = Configuration(("Kestrel:Endpoints:Public:Url", "http://*:80"));

        var failure = Assert.Throws<StartupException>(() => ListenAddresses.From(configuration, _ => true));

        Assert.Contains("Kestrel:Endpoints:Public:Url is 'http://*:80'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void From_NotAnAddress_SaysWhatWasFoundAndWanted()
    {
        var failure = Assert.Throws<StartupException>(() => ListenAddresses.From(Configuration(("urls", "5210")), _ => true));

        Assert.Contains("urls is '5210'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:5210", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_WildcardOnTheCommandLine_IsRefusedBeforeAnythingListens() =>
        Assert.Throws<StartupException>(() => StudioWebHost.Build(["--urls", "http://0.0.0.0:0", "--no-browser"]));

    private static IConfiguration Configuration(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Key, (string?)value.Value))).Build();
}
