namespace Studio.Core.Storage;

/// <summary>Kinds of records that announce their changes.</summary>
public enum RecordKind
{
    /// <summary>A <see cref="ModelRecord"/>.</summary>
    Model,

    /// <summary>A <see cref="DatasetRecord"/>.</summary>
    Dataset,

    /// <summary>An <see cref="AdapterRecord"/>.</summary>
    Adapter,

    /// <summary>A <see cref="RunRecord"/>.</summary>
    Run,

    /// <summary>A <see cref="ChatRecord"/>.</summary>
    Chat,

    /// <summary>A <see cref="DownloadRecord"/>.</summary>
    Download,
}

/// <summary>What happened to a record.</summary>
public enum ChangeKind
{
    /// <summary>It was added or changed.</summary>
    Upserted,

    /// <summary>It was deleted.</summary>
    Deleted,
}

/// <summary>Says that a record changed, after the change is on the disk. A signal, not data: read the record to see it.</summary>
/// <param name="Record">Kind of the record.</param>
/// <param name="Id">Its id.</param>
/// <param name="Change">What happened.</param>
public readonly record struct RecordChange(RecordKind Record, string Id, ChangeKind Change);
