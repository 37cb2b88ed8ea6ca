using System.Runtime.CompilerServices;
using Studio.Core.Tensors;
using static TorchSharp.torch;

namespace Studio.Tests.Tensors;

public sealed class SignalStackTests
{
    [Fact]
    public async Task NullReference_OnALaneThatMultipliedInHalfPrecision_IsAnException()
    {
        using var lane = new ComputeLane("signal-stack");

        await Assert.ThrowsAsync<NullReferenceException>(() => lane.RunAsync(() =>
        {
            using var scope = NewDisposeScope();
            var x = rand(256, 512, dtype: ScalarType.BFloat16);
            x.matmul(rand(512, 512, dtype: ScalarType.BFloat16));
            return LengthOf(null);
        }, intraOpThreads: 1));
    }

    [Fact]
    public void Ensure_ThreadsThatComeAndGo_GiveTheirRoomBack()
    {
        Collect();
        int before = SignalStack.Count;
        Run(256);
        Collect();
        // Other tests start and end threads at the same time.
        Assert.InRange(SignalStack.Count, 0, before + 128);

        static void Run(int threads)
        {
            for (int i = 0; i < threads; i++)
            {
                var thread = new Thread(SignalStack.Ensure);
                thread.Start();
                thread.Join();
            }
        }

        static void Collect()
        {
            for (int i = 0; i < 3; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        }
    }

    // Without a check of its own: the processor's fault is what becomes the exception.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int LengthOf(string? text) => text!.Length;
}
