namespace Studio.Web.Datasets;

/// <summary>Bounds of uploads.</summary>
public static class DatasetUploads
{
    /// <summary>The largest file that is taken, in bytes.</summary>
    public const long MaximumBytes = 256L << 20;

    /// <summary>The longest name, in characters.</summary>
    public const int MaximumNameLength = 120;
}
