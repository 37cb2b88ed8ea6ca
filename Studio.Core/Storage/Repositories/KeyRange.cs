using LiteDB;

namespace Studio.Core.Storage;

/// <summary>Ranges of keys of the form <c>owner/…</c>; keys are compared ordinally.</summary>
internal static class KeyRange
{
    // The character that follows '/' closes the range of everything that begins with "owner/".
    private const char AfterSlash = (char)('/' + 1);

    /// <summary>All keys below <paramref name="owner"/>, in order.</summary>
    public static BsonExpression Below(string owner) => From(owner, owner + "/");

    /// <summary>Keys below <paramref name="owner"/> that are not before <paramref name="first"/>, in order.</summary>
    public static BsonExpression From(string owner, string first) =>
        BsonExpression.Create("$._id >= @0 AND $._id < @1", first, owner + AfterSlash);

    /// <summary>Keys below <paramref name="owner"/> that are before <paramref name="end"/>.</summary>
    public static BsonExpression Before(string owner, string end) =>
        BsonExpression.Create("$._id >= @0 AND $._id < @1", owner + "/", end);
}
