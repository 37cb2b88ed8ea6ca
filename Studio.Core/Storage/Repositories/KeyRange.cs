using LiteDB;

namespace Studio.Core.Storage;

/// <summary>Ranges of keys of the form <c>owner/…</c>; keys are compared ordinally.</summary>
internal static class KeyRange
{
    // The character that follows '/' closes the range of everything that begins with "owner/"; no key of this form ends there.
    private const char AfterSlash = (char)('/' + 1);

    /// <summary>All keys below <paramref name="owner"/>.</summary>
    public static BsonExpression Below(string owner) => Between(owner + "/", owner + AfterSlash);

    /// <summary>Keys below <paramref name="owner"/> that are not before <paramref name="first"/>.</summary>
    public static BsonExpression From(string owner, string first) => Between(first, owner + AfterSlash);

    /// <summary>Keys below <paramref name="owner"/> up to and including <paramref name="last"/>.</summary>
    public static BsonExpression UpTo(string owner, string last) => Between(owner + "/", last);

    // BETWEEN and nothing else: LiteDB walks the key index from bound to bound for it, and everything above one bound for "a AND b".
    private static BsonExpression Between(string first, string last) => BsonExpression.Create("$._id BETWEEN @0 AND @1", first, last);
}
