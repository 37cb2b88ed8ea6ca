using System.Diagnostics;
using System.Globalization;

namespace Studio.Bench.Limits;

/// <summary>The kernel ends all processes of a control group once they need more than its limit. The group's folder belongs to this object.</summary>
internal sealed class ControlGroupLimit(string folder) : MemoryLimit
{
    /// <inheritdoc/>
    public override string Name => "cgroup";

    /// <inheritdoc/>
    public override bool Exceeded => File.ReadLines(Path.Combine(folder, "memory.events")).Select(line => line.Split(' '))
        .Any(fields => fields[0] == "oom_kill" && long.Parse(fields[1], CultureInfo.InvariantCulture) > 0);

    /// <summary>The process joins the group before it becomes the program: memory stays with the group in which it was asked for.</summary>
    public override Process Start(ProcessStartInfo command)
    {
        string program = command.FileName;
        string[] arguments = [.. command.ArgumentList];
        command.FileName = "/bin/sh";
        command.ArgumentList.Clear();
        foreach (string argument in (string[])["-c", "echo $$ > \"$0\" && exec \"$@\"", Path.Combine(folder, "cgroup.procs"), program, .. arguments]) command.ArgumentList.Add(argument);
        return base.Start(command);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Directory.Delete(folder);
    }
}
