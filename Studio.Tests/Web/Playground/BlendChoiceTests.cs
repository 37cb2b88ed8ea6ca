using Studio.Core.Adapters;
using Studio.Core.Adapters.Methods;
using Studio.Core.Serving;
using Studio.Tests.Web.Doubles;
using Studio.Web.Playground;

namespace Studio.Tests.Web.Playground;

public sealed class BlendChoiceTests
{
    [Theory]
    [InlineData("blend(1)")]
    [InlineData("blend(0.85;a1:0.5)")]
    [InlineData("blend(1;a1:0.5;b2:1.25;c3:0)")]
    public void Parse_OfItsText_IsTheSame(string text)
    {
        var blend = BlendChoice.Parse(text)!;
        Assert.Equal(text, blend.ToText());
        var address = new PlaygroundAddress { Panes = [null, text, "a1"] };
        var query = System.Web.HttpUtility.ParseQueryString(new Uri("http://localhost" + address.ToUri()).Query);
        Assert.Equal(address.Panes, PlaygroundAddress.Parse(null, query["adapters"]).Panes);
    }

    [Theory]
    [InlineData("blend(")]
    [InlineData("blend()")]
    [InlineData("blend(x;a:1)")]
    [InlineData("blend(1;a)")]
    [InlineData("blend(1;:1)")]
    [InlineData("blend(1;a:NaN)")]
    [InlineData("blend(1;a:1;a:0.5)")]
    [InlineData("blend(-1;a:1)")]
    [InlineData("blend(1;a:1;b:1;c:1;d:1;e:1;f:1;g:1;h:1;i:1)")]
    public void Parse_WhatCannotBeRead_IsNothingAndStaysABlend(string text)
    {
        Assert.True(BlendChoice.Is(text));
        Assert.Null(BlendChoice.Parse(text));
        Assert.Empty(BlendChoice.AdaptersOf(text));
    }

    [Fact]
    public void AdaptersOf_AnyChoice_AreThoseItMeans()
    {
        Assert.Empty(BlendChoice.AdaptersOf(null));
        Assert.Equal(["a"], BlendChoice.AdaptersOf("a"));
        Assert.Equal(["a", "b"], BlendChoice.AdaptersOf("blend(1;a:1;b:0.5)"));
    }

    [Fact]
    public void Changes_OfABlend_KeepTheRest()
    {
        var blend = BlendChoice.Parse("blend(1;a:1;b:0.5)")!;
        Assert.Equal("blend(1;a:0.3;b:0.5)", blend.With("a", 0.3).ToText());
        Assert.Equal("blend(1;a:1;b:0.5;c:1)", blend.Plus("c").ToText());
        Assert.Equal("blend(1;b:0.5)", blend.Without("a").ToText());
        Assert.Equal([new ChatBlendPart("a"), new ChatBlendPart("b", 0.5)], blend.ToChat().Adapters);
    }

    [Fact]
    public void Of_NewestAdapters_TakesNoSecondPrompt()
    {
        Assert.Equal("blend(1)", BlendChoice.Of([]).ToText());
        Assert.Equal("blend(1;a:0.5;b:0.5)", Of(new LoraSpec(), new LoraSpec(), new LoraSpec()));
        Assert.Equal("blend(1;a:1;c:0.5)", Of(new PromptTuningSpec(), new PTuningSpec(), new LoraSpec()));
        Assert.Equal("blend(1;a:1;b:1)", Of(new PromptTuningSpec(), new PrefixTuningSpec()));

        static string Of(params AdapterSpec[] specs)
        {
            var adapters = new TestAdapterService();
            return BlendChoice.Of([.. specs.Select((spec, i) => adapters.Add(((char)('a' + i)).ToString(), spec: spec))]).ToText();
        }
    }
}
