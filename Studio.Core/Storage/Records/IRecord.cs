namespace Studio.Core.Storage;

/// <summary>What every stored record has in common.</summary>
public interface IRecord
{
    /// <summary>Key of the record within its collection; compared ordinally.</summary>
    string Id { get; }

    /// <summary>Moment that orders a listing (newest first), UTC.</summary>
    DateTimeOffset CreatedAt { get; }
}
