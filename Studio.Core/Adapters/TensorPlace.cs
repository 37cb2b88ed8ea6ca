using Studio.Core.Models;

namespace Studio.Core.Adapters;

/// <summary>Where in a model a tensor of an adapter acts.</summary>
/// <param name="Block">Index of its block, or <see cref="LayerId.OutsideBlocks"/>.</param>
/// <param name="Module">Name of its module within the block, for example <c>self_attn.q_proj</c>; the whole name outside the blocks; empty where it belongs to none.</param>
/// <param name="Part">What it is of the module's, for example <c>lora_A.weight</c>.</param>
public readonly record struct TensorPlace(int Block, string Module, string Part)
{
    /// <summary>The place of a tensor on a model: the longest module name that its name begins with.</summary>
    /// <param name="name">Name in adapter_model.safetensors.</param>
    /// <param name="modules">The model.</param>
    public static TensorPlace Of(string name, ModuleMap modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        string bare = Bare(name);
        var module = modules.All.Where(module => bare.StartsWith(module.Name + ".", StringComparison.Ordinal)).MaxBy(module => module.Name.Length);
        return module is null ? OfName(name) : new TensorPlace(module.Block, PathOf(module), bare[(module.Name.Length + 1)..]);
    }

    /// <summary>The place as far as the name alone tells it: the block is the last number in it, and everything after it is the part.</summary>
    public static TensorPlace OfName(string name)
    {
        string bare = Bare(name);
        string[] words = bare.Split('.');
        int number = Array.FindLastIndex(words, word => word.Length > 0 && word.All(char.IsAsciiDigit));
        return number >= 0 && int.TryParse(words[number], out int block)
            ? new TensorPlace(block, "", string.Join('.', words[(number + 1)..]))
            : new TensorPlace(LayerId.OutsideBlocks, "", bare);
    }

    /// <summary>What stands after the block's number in a module's name; the whole name outside the blocks.</summary>
    public static string PathOf(ModuleTarget module)
    {
        ArgumentNullException.ThrowIfNull(module);
        string number = $".{module.Block}.";
        int at = module.Block == LayerId.OutsideBlocks ? -1 : module.Name.IndexOf(number, StringComparison.Ordinal);
        return at < 0 ? module.Name : module.Name[(at + number.Length)..];
    }

    private static string Bare(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith(PeftFormat.KeyPrefix, StringComparison.Ordinal) ? name[PeftFormat.KeyPrefix.Length..] : name;
    }
}
