using LiteDB;

namespace Studio.Core.Storage;

/// <summary>Version 2 to 3: adapters say where they came from and which adapter they were made from. Those of version 2 came from runs or were created untrained.</summary>
internal sealed class AdapterLineageMigration : IMigration
{
    /// <inheritdoc/>
    public int From => 2;

    /// <inheritdoc/>
    public void Apply(ILiteDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        var adapters = database.GetCollection("adapters");
        foreach (var adapter in adapters.FindAll().ToList())
        {
            adapter["source"] = adapter["runId"].IsNull ? AdapterSource.Created : AdapterSource.Run;
            adapter["sourceName"] = "";
            adapters.Update(adapter);
        }
    }
}
