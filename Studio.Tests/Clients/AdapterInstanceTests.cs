using Studio.Core.Clients;
using Studio.Core.Tensors;
using Studio.Tests.Adapters.Doubles;
using Studio.Tests.Support;
using TorchSharp;

namespace Studio.Tests.Clients;

public sealed class AdapterInstanceTests : TensorTest
{
    [Fact]
    public void Edition_SameFiles_IsOneNameUntilAChange()
    {
        using var model = new TinyModel();
        using var first = AdapterInstance.Stored("a", HookAdapters.Lora(model), "files");
        using var again = AdapterInstance.Stored("a", HookAdapters.Lora(model), "files");
        using var other = AdapterInstance.Stored("a", HookAdapters.Lora(model), "other files");
        using var made = new AdapterInstance("a", HookAdapters.Lora(model));
        Assert.Equal(first.Edition(), again.Edition());
        Assert.Equal(4, new[] { first, other, made, new AdapterInstance("a", made.Adapter) }.Select(instance => instance.Edition()).Distinct().Count());
        Assert.Equal(made.Edition(), made.Edition());
        var editions = new HashSet<string> { first.Edition(), made.Edition() };
        foreach (var instance in (AdapterInstance[])[first, made])
        {
            using (instance.Write()) Fill(instance, 1);
            Assert.True(editions.Add(instance.Edition()));
            using (instance.Write()) instance.Adapter.Parameters.Touch();
            Assert.True(editions.Add(instance.Edition()));
            using (instance.Write()) Fill(instance, 1);
            Assert.True(editions.Add(instance.Edition()));
        }
    }

    [Fact]
    public void Edition_OfABlend_IsItsRecipeOverItsMembersEditions()
    {
        using var model = new TinyModel();
        using var first = AdapterInstance.Stored("a", HookAdapters.Lora(model), "files");
        using var second = AdapterInstance.Stored("b", HookAdapters.Lora(model), "others");
        string Of(string? recipe, params AdapterInstance[] members) => AdapterInstance.Blend("blend", first.Adapter, members, recipe).Edition();
        string before = Of("half", first, second);
        Assert.Equal(before, Of("half", first, second));
        Assert.Equal(4, new[] { before, Of("third", first, second), Of("half", second, first), Of("half", first) }.Distinct().Count());
        Assert.NotEqual(Of(null, first), Of(null, first));
        using (second.Write()) Fill(second, 1);
        Assert.NotEqual(before, Of("half", first, second));
    }

    [Fact]
    public void Read_SeveralPassesAtOnce_DoNotWaitForEachOther()
    {
        using var model = new TinyModel();
        using var instance = new AdapterInstance("a", HookAdapters.Lora(model));
        using var both = new Barrier(2);
        TestThread.RunTogether(Hold, Hold);
        Assert.Equal(0, instance.Updates);

        void Hold()
        {
            using var read = instance.Read();
            Assert.True(both.SignalAndWait(TimeSpan.FromMinutes(1)), "The other pass never held the adapter.");
        }
    }

    [Fact]
    public void Write_WhileAPassReads_WaitsForItsEnd()
    {
        using var model = new TinyModel();
        using var instance = new AdapterInstance("a", HookAdapters.Lora(model));
        var read = instance.Read();
        var update = TestThread.Start("update", () => { using (instance.Write()) Fill(instance, 7); });
        float[] first = instance.Adapter.Parameters.Values.ToFloatArray();
        Assert.DoesNotContain(7, first);
        Assert.Equal(0, instance.Updates);
        read.Dispose();
        update.Join();
        Assert.Equal(1, instance.Updates);
        Assert.All(instance.Adapter.Parameters.Values.ToFloatArray(), value => Assert.Equal(7, value));
    }

    [Fact]
    public void Read_WhileUpdatesGoOn_SeesWholeUpdatesOnly()
    {
        using var model = new TinyModel();
        using var instance = new AdapterInstance("a", HookAdapters.Lora(model));
        using (instance.Write()) Fill(instance, 0);
        using var ended = new CancellationTokenSource();
        var reader = TestThread.Start("reader", () =>
        {
            while (!ended.IsCancellationRequested)
            {
                using var read = instance.Read();
                float[] values = instance.Adapter.Parameters.Values.ToFloatArray();
                Assert.All(values, value => Assert.Equal(values[0], value));
            }
        });
        for (int update = 1; update <= 200; update++)
        {
            // Tensor by tensor, so that a reader in between would see some old and some new.
            using (instance.Write()) Fill(instance, update);
        }
        ended.Cancel();
        reader.Join();
        Assert.Equal(201, instance.Updates);
    }

    [Fact]
    public void Dispose_OfAHoldTwice_ReleasesOnce()
    {
        using var model = new TinyModel();
        using var instance = new AdapterInstance("a", HookAdapters.Lora(model));
        var write = instance.Write();
        write.Dispose();
        write.Dispose();
        Assert.Equal(1, instance.Updates);
        TestThread.RunTogether(() => instance.Write().Dispose());
    }

    private static void Fill(AdapterInstance instance, float value)
    {
        using var grad = torch.no_grad();
        foreach (var entry in instance.Adapter.Parameters.Entries) instance.Adapter.Parameters[entry.Name].fill_(value);
    }
}
