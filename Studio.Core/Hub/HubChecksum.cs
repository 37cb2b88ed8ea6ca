using System.Security.Cryptography;
using System.Text;

namespace Studio.Core.Hub;

/// <summary>Checksum of a file as the Hub states it: SHA-256 in large file storage, else git's SHA-1 over "blob", size and content.</summary>
internal sealed class HubChecksum : IDisposable
{
    private readonly HubFile _file;
    private readonly IncrementalHash _hash;

    public HubChecksum(HubFile file)
    {
        _file = file;
        _hash = IncrementalHash.CreateHash(file.Sha256 is not null ? HashAlgorithmName.SHA256 : GitsAlgorithm);
        Restart();
    }

    // Not for safety: git names its objects so.
    private static HashAlgorithmName GitsAlgorithm => HashAlgorithmName.SHA1;

    public void Restart()
    {
        _hash.GetHashAndReset();
        if (_file.Sha256 is null) _hash.AppendData(Encoding.ASCII.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"blob {_file.Bytes}\0")));
    }

    public void Append(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public bool Matches() => Convert.ToHexStringLower(_hash.GetCurrentHash()) == _file.Checksum;

    public void Dispose() => _hash.Dispose();
}
