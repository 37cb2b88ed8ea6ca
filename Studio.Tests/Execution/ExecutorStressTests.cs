using Studio.Core.Data;
using Studio.Core.Execution;
using Studio.Core.Models;
using Studio.Tests.Support;
using static TorchSharp.torch;

namespace Studio.Tests.Execution;

/// <summary>Eight clients do what they like, by seeds: every answer must be right, nobody may hang, and no tensor may be left.</summary>
public sealed class ExecutorStressTests : TensorTest
{
    private const int Clients = 8;
    private const int Operations = 120;
    private static readonly LayerId[] Layers = [LayerId.Embedding, ExecutorRig.Fused, ExecutorRig.Layer, ExecutorRig.Later, LayerId.Head];

    [Theory]
    [InlineData(BatchingPolicy.Opportunistic, 1)]
    [InlineData(BatchingPolicy.Lockstep, 2)]
    [InlineData(BatchingPolicy.None, 3)]
    public void Clients_RandomCallsPassesCancellationsAndDepartures_GetRightAnswers(BatchingPolicy policy, int seed)
    {
        using var rig = new ExecutorRig(policy, new ExecutorOptions { RidgeRows = 12, MaximumBatchRows = 24 }, TimeSpan.FromMilliseconds(1));
        rig.OnProduct = (_, _, rows) =>
        {
            using var total = rows.sum();
            if (!float.IsFinite(total.item<float>())) throw new InvalidOperationException("the rows are not numbers");
        };
        TestThread.RunTogether([.. Enumerable.Range(0, Clients).Select(i => new Action(() => Play(rig, i, new RandomSource((ulong)(seed * 100 + i)))))]);
        Assert.Empty(rig.Executor.Counters.Clients);
        Assert.Equal(0, rig.Executor.WaitingLeaders);
        Assert.True(rig.Executor.Counters.Calls > Clients * Operations / 2);
    }

    private static void Play(ExecutorRig rig, int name, RandomSource random)
    {
        var client = rig.Attach($"client {name}");
        IDisposable? pass = null;
        for (int i = 0; i < Operations; i++)
        {
            switch (random.Next(12))
            {
                case 0:
                    client.Dispose();
                    client = rig.Attach($"client {name}");
                    pass = null;
                    break;
                case 1:
                    pass?.Dispose();
                    pass = null;
                    break;
                case 2 or 3:
                    pass ??= client.BeginPass((PassKind)random.Next(4));
                    break;
                case 4:
                    CallCancelled(rig, client, random);
                    break;
                case 5:
                    CallThatFails(client, random);
                    break;
                default:
                    CallAndCompare(rig, client, random);
                    break;
            }
        }
        client.Dispose();
    }

    private static void CallAndCompare(ExecutorRig rig, IBaseLayers client, RandomSource random)
    {
        var (layer, direction) = Choose(random);
        using var x = Rows(rig, layer, direction, random);
        using var y = client.Call(layer, direction, x);
        using var alone = rig.Alone(layer, direction, x);
        Assert.True(y.allclose(alone, 1e-4, 1e-5), $"A wrong answer of '{layer}' {direction}.");
    }

    // The token fires at an arbitrary moment: an answer or the exception are both right, a hang or a leak is not.
    private static void CallCancelled(ExecutorRig rig, IBaseLayers client, RandomSource random)
    {
        var (layer, direction) = Choose(random);
        using var x = Rows(rig, layer, direction, random);
        using var stop = new CancellationTokenSource();
        var cancelling = Task.Run(stop.Cancel);
        try
        {
            client.Call(layer, direction, x, stop.Token).Dispose();
        }
        catch (OperationCanceledException)
        {
            Assert.True(stop.IsCancellationRequested);
        }
        cancelling.Wait();
    }

    private static void CallThatFails(IBaseLayers client, RandomSource random)
    {
        var (layer, direction) = Choose(random);
        if (layer == LayerId.Embedding) return;
        var shape = client.Describe(layer);
        using var x = full([1 + random.Next(4), direction == CallDirection.Forward ? shape.InputFeatures : shape.OutputFeatures], float.NaN);
        Assert.Throws<InvalidOperationException>(() => client.Call(layer, direction, x).Dispose());
    }

    private static (LayerId Layer, CallDirection Direction) Choose(RandomSource random)
    {
        var layer = Layers[random.Next(Layers.Length)];
        return (layer, layer != LayerId.Embedding && random.Next(2) == 1 ? CallDirection.Backward : CallDirection.Forward);
    }

    private static Tensor Rows(ExecutorRig rig, LayerId layer, CallDirection direction, RandomSource random)
    {
        int count = 1 + random.Next(15);
        if (layer != LayerId.Embedding) return rig.Rows(count, random.NextUInt64() >> 1, layer, direction);
        return tensor(Enumerable.Range(0, count).Select(_ => (long)random.Next(41)).ToArray());
    }
}
