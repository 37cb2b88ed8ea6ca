using LiteDB;

namespace Studio.Core.Storage;

/// <summary>One step from a schema version of the database to the next.</summary>
public interface IMigration
{
    /// <summary>Version that this step starts from; it ends at <c>From + 1</c>.</summary>
    int From { get; }

    /// <summary>Changes the documents. Works on a copy: when it throws, the database stays as it was.</summary>
    void Apply(ILiteDatabase database);
}
