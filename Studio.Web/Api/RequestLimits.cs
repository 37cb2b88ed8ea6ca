namespace Studio.Web.Api;

/// <summary>How large the bodies of requests may be. A larger one answers 413.</summary>
public static class RequestLimits
{
    /// <summary>JSON bodies, in bytes: 4 MiB.</summary>
    public const int JsonBytes = 4 << 20;

    /// <summary>A data set that is uploaded, in bytes, with the multipart frame if there is one: 256 MiB.</summary>
    public const int DatasetBytes = 256 << 20;

    /// <summary>An adapter that is uploaded as a zip, in bytes, with the multipart frame if there is one: 2 GiB.</summary>
    public const long AdapterBytes = 2L << 30;

    /// <summary>Characters of a name.</summary>
    public const int NameLength = 200;

    /// <summary>What is wrong with the length of a name, or null.</summary>
    public static string? ProblemOf(string? name) => name?.Length > NameLength ? $"The name has {name.Length} characters; expected at most {NameLength}." : null;

    /// <summary>Refuses a name that is too long.</summary>
    /// <exception cref="ApiException">It is; status 400.</exception>
    public static void RequireName(string? name)
    {
        if (ProblemOf(name) is { } problem) throw new ApiException(StatusCodes.Status400BadRequest, problem);
    }
}
