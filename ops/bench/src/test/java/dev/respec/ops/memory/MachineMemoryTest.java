package dev.respec.ops.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as Linux shows them on a machine of 16 GiB of which 12 can be used. */
class MachineMemoryTest {
    private static final long GIB = 1L << 30;

    @TempDir
    private Path root;

    @BeforeEach
    void machine() throws IOException {
        write(
                "proc/meminfo",
                "MemTotal:       16777216 kB\nMemFree:         1048576 kB\nMemAvailable:   12582912 kB\n");
        write("proc/self/cgroup", "0::/\n");
    }

    @Test
    void shouldReadWhatTheMachineHas() {
        assertThat(MachineMemory.read(root)).isEqualTo(new MachineMemory(16 * GIB, 12 * GIB, "this machine"));
    }

    @Test
    void shouldTakeTheLimitOfAContainer() throws IOException {
        // 3 of its 4 GiB are in use, 2 of them by caches that can be given up
        write("sys/fs/cgroup/memory.max", "4294967296\n");
        write("sys/fs/cgroup/memory.current", "3221225472\n");
        write("sys/fs/cgroup/memory.stat", "anon 1073741824\ninactive_file 2147483648\n");

        assertThat(MachineMemory.read(root)).isEqualTo(new MachineMemory(4 * GIB, 3 * GIB, "this container"));
    }

    @Test
    void shouldTakeTheLowestLimitOfTheGroupsAbove() throws IOException {
        write("proc/self/cgroup", "0::/pods/pod/respec\n");
        write("sys/fs/cgroup/pods/memory.max", "6442450944\n");
        write("sys/fs/cgroup/pods/memory.current", "0\n");
        write("sys/fs/cgroup/pods/pod/memory.max", "2147483648\n");
        write("sys/fs/cgroup/pods/pod/memory.current", "1073741824\n");
        write("sys/fs/cgroup/pods/pod/respec/memory.max", "max\n");

        assertThat(MachineMemory.read(root)).isEqualTo(new MachineMemory(2 * GIB, GIB, "this container"));
    }

    @Test
    void shouldReadTheFirstVersionOfControlGroups() throws IOException {
        write("proc/self/cgroup", "4:cpu:/docker/x\n3:memory:/docker/x\n");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", "2147483648\n");
        write("sys/fs/cgroup/memory/memory.usage_in_bytes", "1073741824\n");
        write("sys/fs/cgroup/cpu/memory.limit_in_bytes", "1\n");

        assertThat(MachineMemory.read(root)).isEqualTo(new MachineMemory(2 * GIB, GIB, "this container"));
    }

    @Test
    void shouldIgnoreALimitAboveTheMachine() throws IOException {
        write("sys/fs/cgroup/memory.max", "9223372036854771712\n");

        assertThat(MachineMemory.read(root).totalBytes()).isEqualTo(16 * GIB);
    }

    @Test
    void shouldLeaveAFifthWhereTheSystemDoesNotSay() throws IOException {
        Files.delete(root.resolve("proc/meminfo"));

        var memory = MachineMemory.read(root);

        assertThat(memory.totalBytes()).isPositive();
        assertThat(memory.availableBytes()).isEqualTo(memory.totalBytes() / 5 * 4);
    }

    private void write(String file, String content) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, content);
    }
}
