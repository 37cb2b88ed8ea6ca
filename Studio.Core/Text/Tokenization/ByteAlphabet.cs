using System.Text;

namespace Studio.Core.Text.Tokenization;

/// <summary>
/// The printable stand-in for each byte in byte-level vocabularies (GPT-2's <c>bytes_to_unicode</c>): printable Latin-1 bytes stand for
/// themselves, the other 68 for U+0100 and up.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] Characters = BuildCharacters();
    private static readonly short[] Bytes = BuildBytes();

    /// <summary>The character of each byte.</summary>
    public static ReadOnlySpan<char> All => Characters;

    /// <summary>The alphabet's spelling of a text's UTF-8 bytes.</summary>
    public static string Spell(ReadOnlySpan<char> text)
    {
        var ascii = !text.ContainsAnyExceptInRange('!', '~');
        if (ascii) return text.ToString();
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        return string.Create(bytes.Length, bytes, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = Characters[source[i]];
        });
    }

    /// <summary>Whether a text consists of the alphabet's characters alone.</summary>
    public static bool Spells(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
            if (character >= Bytes.Length || Bytes[character] < 0) return false;
        return true;
    }

    /// <summary>The bytes a token stands for: its characters read through the alphabet, or its own UTF-8 where one is outside of it.</summary>
    public static byte[] Unspell(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            var value = token[i] < Bytes.Length ? Bytes[token[i]] : (short)-1;
            if (value < 0) return Encoding.UTF8.GetBytes(token);
            bytes[i] = (byte)value;
        }

        return bytes;
    }

    private static char[] BuildCharacters()
    {
        var characters = new char[256];
        var next = '\u0100';
        for (var value = 0; value < 256; value++)
        {
            var printable = value is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            characters[value] = printable ? (char)value : next++;
        }

        return characters;
    }

    private static short[] BuildBytes()
    {
        var bytes = new short[0x144];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++) bytes[Characters[value]] = (short)value;
        return bytes;
    }
}
