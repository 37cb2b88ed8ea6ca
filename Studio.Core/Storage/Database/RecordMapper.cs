using System.Globalization;
using LiteDB;

namespace Studio.Core.Storage;

/// <summary>Makes the mapper between records and documents.</summary>
internal static class RecordMapper
{
    /// <summary>
    /// A mapper that keeps values exactly: LiteDB's own would trim strings, turn empty ones into null and cut times to milliseconds.
    /// Times are ISO 8601 text in UTC, which also orders them.
    /// </summary>
    public static BsonMapper Create()
    {
        var mapper = new BsonMapper { TrimWhitespace = false, EmptyStringToNull = false }.UseCamelCase();
        mapper.RegisterType(
            time => new BsonValue(time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture)),
            bson => DateTimeOffset.ParseExact(bson.AsString, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind));
        return mapper;
    }
}
