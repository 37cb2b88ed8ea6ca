using System.Reflection;
using Studio.Core.Tensors;
using Xunit.v3;

[assembly: Studio.Tests.Support.RoomForSignals]

namespace Studio.Tests.Support;

/// <summary>
/// Gives the threads of tests what threads that compute have (<see cref="SignalStack"/>): many tests call torch on a thread of the pool, where a harmless
/// NullReferenceException of some library, caught and forgotten, would later end the whole run without a word.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class RoomForSignalsAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => SignalStack.Ensure();
}
