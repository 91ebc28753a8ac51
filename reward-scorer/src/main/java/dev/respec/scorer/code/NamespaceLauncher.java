package dev.respec.scorer.code;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Starts programs in namespaces of their own: user, processes, network, mounts, names. A program sees its interpreter,
 * its own folder and an empty working directory in memory, no network, no other process, and holds no capability. With
 * the first process of the namespace all others end, whatever groups or sessions they made.
 *
 * <p>The mounts are followed by {@code chroot} rather than {@code pivot_root}: inside it the kernel refuses further
 * user namespaces, and leaving it needs a capability that is gone by then.
 */
final class NamespaceLauncher implements Launcher {
    /** Exit code of a sandbox that could not be made. */
    static final int NOT_MADE = 97;

    /** Time after which a run ends by itself if the scorer has died. */
    private static final int ORPHAN_SECONDS = 5;

    private static final String SCRIPT = """
            trap 'echo "respec-sandbox: step $step" >&2; exit 97' EXIT
            set -e
            root=$1 program=$2 access=$3 megabytes=$4 readable=$5
            shift 5
            step="limits of the kernel"
            echo 1000 > /proc/self/oom_score_adj || :
            step="mount of the root"
            mount -t tmpfs -o size=1m,mode=755,nosuid,nodev sandbox "$root"
            cd "$root"
            mkdir usr etc dev proc work program
            ln -s work tmp
            step="mount of /usr"
            for name in bin sbin lib lib32 lib64 libx32; do
              if [ -L "/$name" ]; then
                cp -P "/$name" "$name"
              elif [ -d "/$name" ]; then
                mkdir "$name"
                mount --rbind "/$name" "$name"
                mount -o remount,bind,ro,nosuid "$name"
              fi
            done
            for path in /usr /etc/alternatives /etc/java* $readable; do
              if [ -d "$path" ]; then
                mkdir -p ".$path"
                mount --rbind "$path" ".$path"
                mount -o remount,bind,ro,nosuid ".$path"
              fi
            done
            step="mount of devices"
            for name in null zero urandom random; do
              : > "dev/$name"
              mount --bind "/dev/$name" "dev/$name"
            done
            step="mount of processes"
            mount -t proc -o nosuid,nodev,noexec proc proc || :
            step="mount of the working directory"
            mount -t tmpfs -o "size=${megabytes}m,mode=1777,nosuid,nodev" sandbox work
            step="mount of the program"
            mount --bind "$program" program
            if [ "$access" = read ]; then
              mount -o remount,bind,ro,nosuid,nodev program
            fi
            mount -o remount,bind,ro,nosuid,nodev .
            trap - EXIT
            exec chroot . "$@"
            """;

    private final RunLimits limits;
    private final List<Path> readable;

    /** @param readable folders of interpreters outside of /usr */
    NamespaceLauncher(RunLimits limits, List<Path> readable) {
        this.limits = limits;
        this.readable = List.copyOf(readable);
    }

    static void requireCommands() {
        HostCommands.require("unshare", "setpriv", "prlimit", "mount", "chroot", "timeout", "env", "sh");
    }

    @Override
    public List<String> command(ProgramRun run, RunFolder folder) {
        var command = new ArrayList<>(HostCommands.asOtherUser());
        command.add(HostCommands.path("unshare"));
        command.addAll(List.of("--user", "--map-root-user", "--net", "--pid", "--mount", "--ipc", "--uts", "--fork"));
        command.addAll(List.of("--kill-child", "--"));
        long seconds = run.time().toSeconds() + ORPHAN_SECONDS;
        command.addAll(List.of(HostCommands.path("timeout"), "-s", "KILL", Long.toString(seconds)));
        command.addAll(List.of(HostCommands.path("sh"), "-c", SCRIPT, "sandbox"));
        command.add(folder.root().toString());
        command.add(folder.program().toString());
        command.add(run.access() == ProgramRun.Access.READ ? "read" : "write");
        command.add(Integer.toString(limits.allFilesMegabytes()));
        command.add(String.join(" ", readable.stream().map(Path::toString).toList()));
        command.addAll(HostCommands.limits(run, limits, limits.processes()));
        command.addAll(List.of(HostCommands.path("setpriv"), "--no-new-privs", "--bounding-set=-all"));
        command.addAll(List.of("--inh-caps=-all", "--"));
        command.addAll(HostCommands.environment("/work"));
        command.addAll(run.command());
        return command;
    }

    @Override
    public boolean otherUser() {
        return HostCommands.isRoot();
    }

    /** The kernel ends the namespace with its first process, and that one with {@code unshare}. */
    @Override
    public void end(Process process, RunFolder folder) {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroyForcibly();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(ORPHAN_SECONDS);
        try {
            process.waitFor(ORPHAN_SECONDS, TimeUnit.SECONDS);
            while (System.nanoTime() < end && all.stream().anyMatch(ProcessHandle::isAlive)) {
                Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
