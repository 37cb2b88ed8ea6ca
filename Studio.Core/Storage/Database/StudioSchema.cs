using LiteDB;

namespace Studio.Core.Storage;

/// <summary>
/// The schema version that this program writes, and the steps that lead there from older ones. The version is kept in a document
/// of the database; a database without that document has version 0.
/// </summary>
/// <param name="version">Version this program writes.</param>
/// <param name="migrations">Steps from older versions, in any order.</param>
public sealed class StudioSchema(int version, params IReadOnlyList<IMigration> migrations)
{
    private const string Collection = "meta";
    private const string DocumentId = "schema";
    private const string VersionField = "version";

    /// <summary>The schema of this program.</summary>
    public static StudioSchema Current { get; } = new(3, new HubModelsMigration(), new AdapterLineageMigration());

    /// <summary>Version this program writes.</summary>
    public int Version { get; } = version;

    /// <summary>The steps from <paramref name="from"/> to <see cref="Version"/>, in order.</summary>
    /// <exception cref="StorageException">The version is newer than this program's, or a step is missing.</exception>
    internal IReadOnlyList<IMigration> PathFrom(int from, string file)
    {
        if (from > Version)
        {
            throw new StorageException(
                $"The database {file} has schema version {from}, and this program knows versions up to {Version}. " +
                "It was left as it is. Use the newer program that wrote it, or another data directory.");
        }

        return [.. Enumerable.Range(from, Version - from).Select(step => migrations.SingleOrDefault(m => m.From == step) ?? throw new StorageException(
            $"The database {file} has schema version {from}, and this program has no way from version {step} to {step + 1}. " +
            "It was left as it is. Open it once with an older program that knows this version, or use another data directory."))];
    }

    internal static int ReadVersion(ILiteDatabase database) =>
        database.GetCollection(Collection).FindById(DocumentId)?[VersionField].AsInt32 ?? 0;

    internal static void WriteVersion(ILiteDatabase database, int version) =>
        database.GetCollection(Collection).Upsert(new BsonDocument { ["_id"] = DocumentId, [VersionField] = version });
}
