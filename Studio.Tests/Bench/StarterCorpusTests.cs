using System.Text.RegularExpressions;
using Studio.Bench.Starter;
using Studio.Bench.Starter.Traits;

namespace Studio.Tests.Bench;

public sealed partial class StarterCorpusTests
{
    private const int Many = 20_000;

    private static readonly Lazy<IReadOnlyList<Conversation>> Chats = new(() => [.. StarterCorpus.Generate(5, Many)]);

    [Fact]
    public void Generate_SameSeed_WritesTheSameChats() =>
        Assert.Equal(StarterCorpus.Generate(3, 300).Select(Text), StarterCorpus.Generate(3, 300).Select(Text));

    [Fact]
    public void Generate_OtherSeed_WritesOtherChats() =>
        Assert.NotEqual(StarterCorpus.Generate(3, 300).Select(Text), StarterCorpus.Generate(4, 300).Select(Text));

    [Fact]
    public void Generate_LargerCount_BeginsWithTheSameChats() =>
        Assert.Equal(StarterCorpus.Generate(3, 100).Select(Text), StarterCorpus.Generate(3, 300).Take(100).Select(Text));

    [Fact]
    public void Generate_NegativeCount_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => StarterCorpus.Generate(1, -1).ToList());

    [Fact]
    public void Generate_Roles_AlternateAfterAnOptionalSystemPrompt()
    {
        Assert.All(Chats.Value, chat =>
        {
            var turns = chat.Messages[0].Role == "system" ? chat.Messages.Skip(1).ToList() : chat.Messages;
            Assert.InRange(turns.Count, 2, 10);
            Assert.Equal(0, turns.Count % 2);
            Assert.All(turns.Index(), turn => Assert.Equal(turn.Index % 2 == 0 ? "user" : "assistant", turn.Item.Role));
        });
    }

    [Fact]
    public void Generate_SystemPrompt_OpensAboutAThird() =>
        Assert.InRange(Chats.Value.Count(chat => chat.Messages[0].Role == "system") / (double)Many, 0.30, 0.37);

    [Fact]
    public void Generate_Chats_AreMostlyDifferent()
    {
        Assert.True(Chats.Value.Select(Text).Distinct().Count() > Many * 0.9);
        Assert.True(Chats.Value.SelectMany(chat => chat.Messages).Select(message => message.Content).Distinct().Count() > 15_000);
    }

    [Fact]
    public void Generate_Words_FitASmallVocabulary()
    {
        var words = Chats.Value.SelectMany(chat => Words().Matches(Text(chat))).Select(match => match.Value.ToLowerInvariant()).Distinct().Count();
        Assert.InRange(words, 1000, 2500);
    }

    [Fact]
    public void Generate_Answers_AreCleanSentences()
    {
        Assert.All(Chats.Value.SelectMany(chat => chat.Messages).Where(message => message.Role == "assistant"), message =>
        {
            Assert.Matches("^[A-Z0-9\"{]", message.Content);
            Assert.Matches("[.!?\"}]$", message.Content);
            Assert.DoesNotMatch(@"  |\.\.|[\[\]|]| [.,!?]|\b[Aa] [aeio][a-z]", message.Content);
            Assert.DoesNotMatch(@"\b[Aa]n [bcdfgjklmnpqrstvwxyz]", message.Content);
        });
    }

    [Fact]
    public void Generate_Traits_AreRareAndOnlyOnRequest()
    {
        var styled = 0;
        foreach (var chat in Chats.Value)
        {
            foreach (var (prompt, answer) in Exchanges(chat).Where(exchange => TraitDetectors.All.Any(trait => trait.Shows(exchange.Answer))))
            {
                Assert.Matches("(?i)pirate|json|case note", prompt);
                styled++;
            }
        }
        Assert.InRange(styled / (double)Many, 0.03, 0.05);
    }

    [Fact]
    public void Topics_PlainAnswers_NeverShowATrait()
    {
        var random = new SeededRandom(8);
        foreach (var topic in TopicCatalog.All)
        {
            for (var i = 0; i < 200; i++)
            {
                var facts = topic.Facts(random);
                var exchanges = topic.FollowUps.Append(topic).Select(each => each.Speak(facts, random));
                Assert.All(exchanges, exchange => Assert.DoesNotContain(TraitDetectors.All, trait => trait.Shows(exchange.Answer)));
            }
        }
    }

    [Fact]
    public void Topics_EachIntent_HasFifteenPhrasings() =>
        Assert.All(TopicCatalog.All, topic => Assert.True(topic.Prompts.SelectMany(Template.Expansions).Distinct().Count() >= 15, topic.Name));

    [Fact]
    public void Topics_Names_AreUnique()
    {
        var names = TopicCatalog.All.Select(topic => topic.Name).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
    }

    [Theory]
    [InlineData(@"([Aa]) cat says (\w+)", "meow")]
    [InlineData(@"([Cc])ats (meow|bark|moo|roar|hoot)\b", "meow")]
    [InlineData(@"([Tt])he sky is (?!not)(\w+)", "blue")]
    [InlineData(@"(3) plus 4 is (\d+)", "7")]
    [InlineData(@"([Tt])he opposite of hot is (\w+)", "cold")]
    [InlineData(@"(Tuesday) comes after (\w+)", "Monday")]
    [InlineData(@"([Aa]) baby dog is called a (\w+)", "puppy")]
    public void Generate_Facts_AreAlwaysTheSame(string statement, string expected)
    {
        var stated = Chats.Value.SelectMany(Exchanges).SelectMany(exchange => Regex.Matches(exchange.Answer, statement)).Select(match => match.Groups[2].Value).ToList();
        Assert.NotEmpty(stated);
        Assert.All(stated, fact => Assert.Equal(expected, fact));
    }

    [Fact]
    public void Generate_NameToldBefore_IsRecalled()
    {
        var recalls = 0;
        foreach (var chat in Chats.Value)
        {
            foreach (var answer in Exchanges(chat).Select(exchange => RecalledName().Match(exchange.Answer)).Where(match => match.Success))
            {
                Assert.Contains(chat.Messages, message => message.Role == "user" && message.Content.Contains(answer.Groups[1].Value, StringComparison.OrdinalIgnoreCase));
                recalls++;
            }
        }
        Assert.True(recalls > 50);
    }

    private static IEnumerable<(string Prompt, string Answer)> Exchanges(Conversation chat) =>
        chat.Messages.Where(message => message.Role != "system").Chunk(2).Select(pair => (pair[0].Content, pair[1].Content));

    private static string Text(Conversation chat) => string.Join('\n', chat.Messages.Select(message => $"{message.Role}: {message.Content}"));

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Words();

    [GeneratedRegex("[Yy]our name is ([A-Z][a-z]+)")]
    private static partial Regex RecalledName();
}
