using Microsoft.AspNetCore.Components;

namespace Studio.Web.Components.Models;

/// <summary>The license that a model's card states. Names are words of any length, unlike figures.</summary>
public sealed partial class LicenseTile
{
    /// <summary>The license. Default: none is stated.</summary>
    [Parameter] public string? Name { get; set; }

    /// <summary>Where it stands: an address or a file. Default: it is not said.</summary>
    [Parameter] public string? Link { get; set; }

    // A card is a stranger's: nothing but a web address becomes a link.
    private bool IsAddress => Uri.TryCreate(Link, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps;
}
