using Studio.Core.Clients;

namespace Studio.Tests.Rules;

/// <summary>What the engine must not do, for proving that it would be found: code that names a client where only the base may be.</summary>
internal static class Planted
{
    internal abstract class InASignature
    {
        public abstract void Serve(ClientRegistry clients);
    }

    internal static class InAMethodBody
    {
        public static string? Serve(object client) => (client as ClientState)?.Name;
    }

    internal static class InAGenericArgument
    {
        public static int Serve() => new List<ClientState>().Count;
    }

    internal static class InALambda
    {
        public static Func<object, bool> Serve() => client => client is SplitTape;
    }
}
