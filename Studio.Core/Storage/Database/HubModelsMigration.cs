using LiteDB;

namespace Studio.Core.Storage;

/// <summary>
/// Version 1 to 2: base models say where on the Hub they come from, whether they are loaded at start, and with which compute type; downloads
/// are kept. Models of version 1 came from folders, and only the starter model was loaded at start.
/// </summary>
internal sealed class HubModelsMigration : IMigration
{
    /// <inheritdoc/>
    public int From => 1;

    /// <inheritdoc/>
    public void Apply(ILiteDatabase database)
    {
        ArgumentNullException.ThrowIfNull(database);
        var models = database.GetCollection("models");
        foreach (var model in models.FindAll().ToList())
        {
            model["loadAtStart"] = false;
            model["requestedType"] = "auto";
            models.Update(model);
        }
    }
}
