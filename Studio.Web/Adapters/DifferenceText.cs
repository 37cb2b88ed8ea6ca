using Studio.Core.Clients;
using Studio.Web.Formatting;

namespace Studio.Web.Adapters;

/// <summary>Puts into words how far what was written lies from what it was made of.</summary>
public static class DifferenceText
{
    /// <summary>For example "the largest difference of a logit is 0.0012 (of 21.4); 32 of 32 positions choose the same token".</summary>
    public static string Of(OutputDifference difference)
    {
        ArgumentNullException.ThrowIfNull(difference);
        return $"the largest difference of a logit is {NumberText.Significant(difference.Largest, 2)} (of {NumberText.Significant(difference.LargestLogit, 3)}); "
            + $"{difference.SameToken} of {difference.Positions} positions choose the same token";
    }
}
