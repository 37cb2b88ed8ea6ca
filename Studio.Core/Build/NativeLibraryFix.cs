using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Studio.Build
{
    /// <summary>
    /// Makes a copy of an ELF library load on systems whose libstdc++ ends before GLIBCXX_3.4.32.
    /// The library needs that version for one symbol, <c>std::ios_base_library_init()</c>, whose older equal is
    /// <c>std::ios_base::Init::Init()</c> of GLIBCXX_3.4. Three records change: the symbol's name, its version index,
    /// and the version requirement that no symbol uses any more.
    /// </summary>
    /// <remarks>ELF64 little-endian; record layouts from the System V ABI and the LSB symbol-versioning chapter.</remarks>
    public static class ElfSymbolVersions
    {
        private const string NewSymbol = "_ZSt21ios_base_library_initv";
        private const string OldSymbol = "_ZNSt8ios_base4InitC1Ev";
        private const string MissingVersion = "GLIBCXX_3.4.32";
        private const string BaseVersion = "GLIBCXX_3.4";
        private const string PresentVersion = "GLIBCXX_3.4.21";

        /// <summary>
        /// Adapts a library file. The file may be a hard link to the package cache: the adapted bytes go into a new file that takes the link's place.
        /// </summary>
        /// <returns>True when the file was replaced; false when the library asks for nothing that is missing.</returns>
        /// <exception cref="InvalidDataException">The file is not what the fix was made for; it is left as it is.</exception>
        public static bool FixFile(string path)
        {
            byte[] file = File.ReadAllBytes(path);
            try
            {
                if (!Fix(file)) return false;
            }
            catch (InvalidDataException error)
            {
                throw new InvalidDataException("'" + path + "' cannot be adapted to this system: " + error.Message, error);
            }
            string temporary = path + ".fixed";
            File.WriteAllBytes(temporary, file);
            // Its old time stamp tells the next build that the copy is up to date.
            File.SetLastWriteTimeUtc(temporary, File.GetLastWriteTimeUtc(path));
            File.Delete(path);
            File.Move(temporary, path);
            return true;
        }

        /// <summary>Rewrites the image in place, after everything was found to be as expected.</summary>
        /// <returns>True when something changed; false when the library asks for nothing that is missing.</returns>
        /// <exception cref="InvalidDataException">Not a sound ELF library, or more than the one known symbol needs the missing version. Nothing has changed.</exception>
        public static bool Fix(byte[] file)
        {
            try
            {
                return FixSound(file);
            }
            catch (Exception error) when (error is ArgumentException || error is IndexOutOfRangeException || error is OverflowException)
            {
                throw new InvalidDataException("a record points outside of the file (truncated or damaged)", error);
            }
        }

        private static bool FixSound(byte[] file)
        {
            var image = new Image(file);
            int missing = -1, missingAt = -1, baseIndex = -1;
            foreach (var need in image.VersionNeeds())
            {
                if (need.Name == MissingVersion) { missing = need.Index; missingAt = need.Offset; }
                if (need.Name == BaseVersion) baseIndex = need.Index;
            }
            if (missing < 0) return false;
            if (baseIndex < 0) throw new InvalidDataException("the library does not require " + BaseVersion + ", so the older symbol cannot be bound to it");
            // The requirement itself stays: same record, name and hash of a version that every system has.
            int present = image.FindDynamicString(PresentVersion);
            if (present < 0) throw new InvalidDataException("the library's string table has no " + PresentVersion);

            var users = new List<int>();
            for (int i = 0; i < image.SymbolCount; i++)
            {
                if ((BitConverter.ToUInt16(file, image.VersionEntry(i)) & 0x7fff) != missing) continue;
                string name = Image.ReadString(file, image.SymbolName(i));
                if (name != NewSymbol) throw new InvalidDataException("the symbol " + name + " needs " + MissingVersion + " too; only " + NewSymbol + " has a known older equal");
                users.Add(i);
            }

            foreach (int i in users)
            {
                Write(file, image.SymbolName(i), Encoding.ASCII.GetBytes(OldSymbol.PadRight(NewSymbol.Length, '\0')));
                Write(file, image.VersionEntry(i), BitConverter.GetBytes((ushort)baseIndex));
            }
            Write(file, missingAt, BitConverter.GetBytes(Hash(PresentVersion)));
            Write(file, missingAt + 8, BitConverter.GetBytes((uint)present));
            return true;
        }

        /// <summary>The System V ABI hash of a name, as version records store it.</summary>
        public static uint Hash(string name)
        {
            uint h = 0;
            foreach (char c in name)
            {
                h = (h << 4) + (byte)c;
                uint g = h & 0xf0000000;
                if (g != 0) h ^= g >> 24;
                h &= ~g;
            }
            return h;
        }

        private static void Write(byte[] file, int at, byte[] bytes)
        {
            Array.Copy(bytes, 0, file, at, bytes.Length);
        }

        private sealed class Image
        {
            private readonly byte[] _file;
            private readonly int _symbols, _symbolBytes, _strings, _stringBytes, _versions, _needs;
            private readonly int _needCount;

            public Image(byte[] file)
            {
                _file = file;
                if (file.Length < 64 || file[0] != 0x7f || file[1] != 'E' || file[2] != 'L' || file[3] != 'F' || file[4] != 2 || file[5] != 1)
                    throw new InvalidDataException("not a 64-bit little-endian ELF file");
                long table = BitConverter.ToInt64(file, 0x28);
                int size = BitConverter.ToUInt16(file, 0x3a), count = BitConverter.ToUInt16(file, 0x3c);
                for (int i = 0; i < count; i++)
                {
                    int at = checked((int)(table + (long)i * size));
                    uint type = BitConverter.ToUInt32(file, at + 4);
                    int offset = checked((int)BitConverter.ToInt64(file, at + 0x18)), bytes = checked((int)BitConverter.ToInt64(file, at + 0x20));
                    uint link = BitConverter.ToUInt32(file, at + 0x28), info = BitConverter.ToUInt32(file, at + 0x2c);
                    if (type == 11) // SHT_DYNSYM
                    {
                        _symbols = offset; _symbolBytes = bytes;
                        int strings = checked((int)(table + link * size));
                        _strings = checked((int)BitConverter.ToInt64(file, strings + 0x18));
                        _stringBytes = checked((int)BitConverter.ToInt64(file, strings + 0x20));
                    }
                    else if (type == 0x6fffffff) _versions = offset; // SHT_GNU_versym
                    else if (type == 0x6ffffffe) { _needs = offset; _needCount = (int)info; } // SHT_GNU_verneed
                }
            }

            public int SymbolCount { get { return _symbolBytes / 24; } }

            public int VersionEntry(int symbol) { return _versions + symbol * 2; }

            public int SymbolName(int symbol) { return _strings + (int)BitConverter.ToUInt32(_file, _symbols + symbol * 24); }

            public IEnumerable<Need> VersionNeeds()
            {
                int entry = _needs;
                for (int i = 0; i < _needCount; i++)
                {
                    int aux = entry + (int)BitConverter.ToUInt32(_file, entry + 8);
                    int auxCount = BitConverter.ToUInt16(_file, entry + 2);
                    for (int j = 0; j < auxCount; j++)
                    {
                        string name = ReadString(_file, _strings + (int)BitConverter.ToUInt32(_file, aux + 8));
                        yield return new Need { Name = name, Index = BitConverter.ToUInt16(_file, aux + 6), Offset = aux };
                        aux += (int)BitConverter.ToUInt32(_file, aux + 12);
                    }
                    entry += (int)BitConverter.ToUInt32(_file, entry + 12);
                }
            }

            /// <summary>Offset of a name within the dynamic string table, or -1.</summary>
            public int FindDynamicString(string text)
            {
                for (int at = _strings; at < _strings + _stringBytes;)
                {
                    string found = ReadString(_file, at);
                    if (found == text) return at - _strings;
                    at += found.Length + 1;
                }
                return -1;
            }

            public static string ReadString(byte[] file, int at)
            {
                int end = at;
                while (file[end] != 0) end++;
                return Encoding.ASCII.GetString(file, at, end - at);
            }
        }

        private sealed class Need
        {
            public string Name = "";
            public int Index;
            public int Offset;
        }
    }

#if !STUDIO_TESTS
    /// <summary>The build step: fixes the copy of the library in an output folder where this system needs it.</summary>
    public sealed class NativeLibraryFix : Microsoft.Build.Utilities.Task
    {
        /// <summary>The copy in the output; nothing happens where it does not exist.</summary>
        [Microsoft.Build.Framework.Required]
        public string Library { get; set; }

        public override bool Execute()
        {
            if (!File.Exists(Library) || SystemHasVersion()) return true;
            if (!ElfSymbolVersions.FixFile(Library)) return true;
            Log.LogMessage(Microsoft.Build.Framework.MessageImportance.High,
                "TorchSharp's native library was adapted to this system's libstdc++ (GLIBCXX_3.4.32 is not present): " + Library);
            return true;
        }

        private static bool SystemHasVersion()
        {
            string[] folders = { "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/lib64", "/usr/lib", "/lib/x86_64-linux-gnu" };
            foreach (string folder in folders)
            {
                string path = Path.Combine(folder, "libstdc++.so.6");
                if (File.Exists(path)) return Encoding.ASCII.GetString(File.ReadAllBytes(path)).Contains("GLIBCXX_3.4.32");
            }
            return false;
        }
    }
#endif
}
