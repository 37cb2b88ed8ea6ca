using System.Globalization;

namespace Studio.Web.Formatting;

/// <summary>Points in time for people, in the time zone of the machine that the studio runs on.</summary>
public static class MomentText
{
    /// <summary>"14:05" of the same day, "24 Nov 14:05" of another one.</summary>
    /// <param name="moment">When.</param>
    /// <param name="now">Now, in the zone to show.</param>
    public static string Format(DateTimeOffset moment, DateTimeOffset now)
    {
        var local = moment.ToOffset(now.Offset);
        return local.Date == now.Date
            ? local.ToString("t", CultureInfo.CurrentCulture)
            : local.ToString("d MMM ", CultureInfo.CurrentCulture) + local.ToString("t", CultureInfo.CurrentCulture);
    }

    /// <summary>The same with the machine's clock.</summary>
    public static string Format(DateTimeOffset? moment) => moment is { } value ? Format(value, DateTimeOffset.Now) : NumberText.None;
}
