namespace Studio.Web.FineTunes;

/// <summary>What is wrong with a form, each finding at its field.</summary>
public record FieldFindings
{
    /// <summary>Nothing is wrong.</summary>
    public static FieldFindings None { get; } = new();

    /// <summary>Findings at fields, by the field's id.</summary>
    public IReadOnlyDictionary<string, string> AtFields { get; init; } = new Dictionary<string, string>();

    /// <summary>Findings that belong to no field.</summary>
    public IReadOnlyList<string> General { get; init; } = [];

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsSound => AtFields.Count == 0 && General.Count == 0;

    /// <summary>The finding at a field, or null.</summary>
    public string? At(FormField field) => AtFields.GetValueOrDefault(field.Id);

    /// <summary>The same with a finding at each field whose text is not a number; it takes the place of what was found of the number that stood in.</summary>
    public FieldFindings WithUnreadable(IReadOnlyList<FormField> unreadable)
    {
        ArgumentNullException.ThrowIfNull(unreadable);
        var atFields = new Dictionary<string, string>(AtFields);
        foreach (var field in unreadable)
            atFields[field.Id] = $"{field.Label} needs a number.";
        return this with { AtFields = atFields };
    }

    /// <summary>Sorts findings to the fields they begin with.</summary>
    public static FieldFindings Sort(IEnumerable<string> findings, IReadOnlyList<FormField> fields)
    {
        var atFields = new Dictionary<string, string>();
        var general = new List<string>();
        foreach (var finding in findings.Distinct(StringComparer.Ordinal))
        {
            // The longest beginning wins: "Rank dropout is 2" is of the field "Rank dropout" although there is a field "Rank".
            var field = fields.SelectMany(field => field.FindingStarts.Select(start => (Field: field, Start: start)))
                .Where(entry => finding.StartsWith(entry.Start, StringComparison.OrdinalIgnoreCase)).OrderByDescending(entry => entry.Start.Length).FirstOrDefault().Field;
            if (field is null)
                general.Add(finding);
            else
                atFields[field.Id] = atFields.TryGetValue(field.Id, out var earlier) ? $"{earlier} {finding}" : finding;
        }
        return new FieldFindings { AtFields = atFields, General = general };
    }
}
