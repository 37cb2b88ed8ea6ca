using System.Text.Json.Serialization;
using Studio.Core.Models;

namespace Studio.Core.Adapters;

/// <summary>Settings of an adapter: which method, where it acts, how large it is. Enough to build it again.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "method")]
[JsonDerivedType(typeof(LoraSpec), LoraSpec.MethodName)]
public abstract record AdapterSpec
{
    /// <summary>Registered name of the method.</summary>
    [JsonIgnore]
    public abstract string Method { get; }

    /// <summary>Everything that is wrong with the settings by themselves, one sentence each; empty when nothing is.</summary>
    public abstract IReadOnlyList<string> Problems();

    /// <summary>Everything that is wrong with the settings, by themselves and on a model; empty when nothing is.</summary>
    public virtual IReadOnlyList<string> Problems(ModuleMap modules) => Problems();
}
