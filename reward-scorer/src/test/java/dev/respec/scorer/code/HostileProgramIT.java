package dev.respec.scorer.code;

import static dev.respec.scorer.code.CodeRewards.assertNothingIsLeft;
import static dev.respec.scorer.code.CodeRewards.score;
import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.stage.config.RewardSection.Code.Isolation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs that mean harm: what they get, and that nothing of them is left. */
@Timeout(300)
class HostileProgramIT {
    private static final Map<String, String> NOTHING_ASKED = Map.of("tests", "[\"assert True\"]");
    private static final Map<String, String> SILENCE = Map.of("tests", "[{\"input\": \"\", \"output\": \"\"}]");
    private static final String GOOD = "answer = 42";
    private static final Map<String, String> ANSWER = Map.of("tests", "[\"assert answer == 42\"]");
    /** Time of a whole run beyond its limit, on a machine that does other things as well. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @AfterEach
    void nothingIsLeft() {
        assertNothingIsLeft();
    }

    private static CodeReward reward(String... more) {
        return CodeRewards.onThisMachine(more);
    }

    private static CodeReward reward(Isolation isolation, String... more) {
        var settings = new java.util.ArrayList<>(java.util.List.of(more));
        settings.add("reward.code.isolation=" + (isolation == Isolation.NAMESPACES ? "namespaces" : "limits-only"));
        return CodeRewards.onThisMachine(settings.toArray(String[]::new));
    }

    /** The scorer goes on: the next program is judged as ever. */
    private static void assertGoesOn(CodeReward reward) {
        assertThat(score(reward, GOOD, ANSWER).value()).isEqualTo(1);
    }

    private static void assertFailsSoon(CodeReward reward, String program, Map<String, String> metadata) {
        long start = System.nanoTime();
        assertThat(score(reward, program, metadata).value()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(PATIENCE);
        assertNothingIsLeft();
        assertGoesOn(reward);
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void shouldEndALoopWithoutEnd(Isolation isolation) {
        var reward = reward(isolation, "reward.code.test-timeout=1s");

        assertFailsSoon(reward, "while True: pass", NOTHING_ASKED);
        assertFailsSoon(reward, "import time\ntime.sleep(1000)", NOTHING_ASKED);
        assertFailsSoon(
                reward,
                "import signal\nfor s in range(1, 32):\n  try: signal.signal(s, signal.SIG_IGN)\n"
                        + "  except OSError: pass\nwhile True: pass",
                NOTHING_ASKED);
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void shouldBoundAForkBomb(Isolation isolation) {
        var reward = reward(isolation, "reward.code.test-timeout=2s", "reward.code.processes=32");

        assertFailsSoon(reward, "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", NOTHING_ASKED);
        // The 33rd process cannot be made: the kernel says so to a program that counts.
        String counting = """
                import os, time
                made = 0
                try:
                    while made < 200:
                        if os.fork() == 0:
                            time.sleep(60)
                        made += 1
                except BlockingIOError:
                    pass
                """;
        assertThat(score(reward, counting, Map.of("tests", "[\"assert 1 < made < 32\"]"))
                        .value())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void shouldBoundMemoryOfOneAndOfAllProcesses(Isolation isolation) {
        var reward = reward(isolation, "reward.code.memory-megabytes=256", "reward.code.test-timeout=10s");

        assertFailsSoon(reward, "x = bytearray(1 << 34)", NOTHING_ASKED);
        assertFailsSoon(reward, "x = []\nwhile True: x.append(bytearray(1 << 20))", NOTHING_ASKED);
        assertFailsSoon(reward, """
                import os, time
                for i in range(8):
                    if os.fork() == 0:
                        x = bytearray(b"x" * (100 << 20))
                        time.sleep(60)
                time.sleep(8)
                """, NOTHING_ASKED);
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void shouldEndAFloodOfOutput(Isolation isolation) {
        var reward = reward(isolation, "reward.code.output-kilobytes=64");

        assertFailsSoon(reward, "while True: print('x' * 10000)", SILENCE);
        assertFailsSoon(reward, "import sys\nwhile True: print('x' * 10000, file=sys.stderr)", SILENCE);
    }

    @Test
    void shouldKeepProgramsFromTheMachinesFiles() {
        var reward = reward();
        Path outside = Path.of(System.getProperty("java.io.tmpdir"), "respec-outside-" + UUID.randomUUID());
        String program = """
                import os
                refused = []
                for path in ["%s", "/usr/evil", "/etc/evil", "/evil", "/program/evil", "/dev/evil", "/bin/evil"]:
                    try:
                        open(path, "w").write("x")
                    except OSError:
                        refused.append(path)
                open("/work/own", "w").write("x")
                """.formatted(outside);
        String tests =
                "[\"assert refused[-6:] == ['/usr/evil', '/etc/evil', '/evil', '/program/evil', '/dev/evil', '/bin/evil']\","
                        + " \"assert sorted(os.listdir('/work')) == ['own', '" + outside.getFileName() + "']\","
                        + " \"assert not os.path.exists('/etc/passwd') and not os.path.exists('/root') and not os.path.exists('/home')\","
                        + " \"assert sorted(os.environ) == ['HOME', 'LANG', 'OMP_NUM_THREADS', 'PATH', 'PYTHONHASHSEED', 'TMPDIR']\"]";

        assertThat(score(reward, program, Map.of("tests", tests)).value()).isEqualTo(1);
        assertThat(outside).doesNotExist();
    }

    @Test
    void shouldBoundFiles() {
        var reward = reward("reward.code.file-megabytes=1");
        String program = """
                import errno, os
                def write(path, megabytes):
                    try:
                        with open(path, "wb") as file:
                            for i in range(megabytes):
                                file.write(bytes(1 << 20))
                    except OSError as e:
                        return e.errno
                one = write("large", 2)
                many = [write("file%d" % i, 1) for i in range(20)]
                handles = []
                try:
                    while len(handles) < 1000:
                        handles.append(open("/dev/null"))
                except OSError as e:
                    handles.append(e.errno)
                """;
        String tests = "[\"assert one == errno.EFBIG\", \"assert errno.ENOSPC in many\","
                + " \"assert handles[-1] == errno.EMFILE and len(handles) < 64\"]";

        assertThat(score(reward, program, Map.of("tests", tests)).value()).isEqualTo(1);
    }

    @Test
    void shouldKeepProgramsFromTheNetwork() throws IOException {
        var reward = reward();
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            server.setSoTimeout(200);
            String program = """
                    import socket
                    failed = None
                    try:
                        socket.create_connection(("127.0.0.1", %d), timeout=2).sendall(b"hello")
                    except OSError as e:
                        failed = e
                    """.formatted(server.getLocalPort());

            assertThat(score(reward, program, Map.of("tests", "[\"assert failed is not None\"]"))
                            .value())
                    .isEqualTo(1);
            org.assertj.core.api.Assertions.assertThatThrownBy(server::accept)
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void shouldHoldNoCapabilityAndNoWayToGetOne() {
        var reward = reward();
        String program = """
                import ctypes, os
                libc = ctypes.CDLL(None, use_errno=True)
                capabilities = [line.split()[1] for line in open("/proc/self/status") if line.startswith("Cap")] \\
                    if os.path.exists("/proc/self/status") else ["0"]
                user_namespace = libc.unshare(0x10000000)
                mount = libc.mount(b"none", b"/work", b"tmpfs", 0, None)
                chroot = libc.chroot(b"/work")
                """;
        String tests = "[\"assert all(int(c, 16) == 0 for c in capabilities)\", \"assert user_namespace == -1\","
                + " \"assert mount == -1 and chroot == -1\"]";

        assertThat(score(reward, program, Map.of("tests", tests)).value()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void shouldSurviveAProgramThatKillsWhatItCan(Isolation isolation) {
        var reward = reward(isolation, "reward.code.test-timeout=2s");

        score(reward, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nwhile True: pass", NOTHING_ASKED);
        assertNothingIsLeft();
        assertGoesOn(reward);
    }

    /** In its namespace a program sees none but its own. */
    @Test
    void shouldLetAProgramKillNoneButItsOwn() {
        var reward = reward("reward.code.test-timeout=2s");

        score(reward, "import os, signal\nos.kill(-1, signal.SIGKILL)\nos.kill(1, signal.SIGKILL)", NOTHING_ASKED);
        assertNothingIsLeft();
        assertGoesOn(reward);
        String program = "import os\npids = [int(p) for p in os.listdir('/proc') if p.isdigit()]";
        assertThat(score(reward, program, Map.of("tests", "[\"assert len(pids) < 8 and max(pids, default=0) < 100\"]"))
                        .value())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void shouldNotTakeAnEarlyEndForSuccess(Isolation isolation) {
        var reward = reward(isolation);

        assertFailsSoon(reward, "import sys\nsys.exit(0)", NOTHING_ASKED);
        assertFailsSoon(reward, "import os\nos._exit(0)", NOTHING_ASKED);
        assertFailsSoon(reward, "raise SystemExit", NOTHING_ASKED);
        assertFailsSoon(
                reward,
                "import builtins\nbuiltins.exec = lambda *a: None\nimport os, sys\nos.execv(sys.executable, [sys.executable, '-c', ''])",
                NOTHING_ASKED);
    }

    @ParameterizedTest
    @EnumSource(Isolation.class)
    void shouldLeaveNeitherZombiesNorDaemons(Isolation isolation) {
        var reward = reward(isolation);
        String program = """
                import os, time
                for i in range(10):
                    if os.fork() == 0:
                        os._exit(0)
                for i in range(4):
                    if os.fork() == 0:
                        os.setsid()
                        if os.fork() == 0:
                            os.close(0); os.close(1); os.close(2)
                            time.sleep(600)
                        os._exit(0)
                """;

        assertThat(score(reward, program, NOTHING_ASKED).value()).isEqualTo(1);
        assertNothingIsLeft();
    }

    @Test
    void shouldDeleteWhatAProgramLocksAway() {
        var reward = reward(Isolation.LIMITS_ONLY);
        String program =
                "import os\nos.makedirs('a/b')\nopen('a/b/c', 'w').write('x')\nos.chmod('a/b', 0)\nos.chmod('a', 0)";

        assertThat(score(reward, program, NOTHING_ASKED).value()).isEqualTo(1);
        assertNothingIsLeft();
    }

    @Test
    void shouldBoundJavaAsWell() {
        var reward = reward("reward.code.languages=[java]", "reward.code.test-timeout=10s", "reward.code.timeout=40s");
        var silence = Map.of("language", "java", "tests", "[{\"input\": \"\", \"output\": \"\"}]");
        String main = "class Main { public static void main(String[] a) throws Exception { %s } }";

        for (String body : java.util.List.of(
                "while (true) {}",
                "Runtime.getRuntime().halt(1);",
                "var all = new java.util.ArrayList<byte[]>(); while (true) all.add(new byte[1 << 20]);",
                "while (true) System.out.println(\"x\".repeat(10000));",
                "while (true) new ProcessBuilder(\"/bin/sleep\", \"60\").start();",
                "new java.net.Socket(\"127.0.0.1\", 9).close();")) {
            assertThat(score(reward, main.formatted(body), silence).value())
                    .as(body)
                    .isZero();
            assertNothingIsLeft();
        }
        assertThat(score(reward, main.formatted(""), silence).value()).isEqualTo(1);
    }

    @Test
    void shouldLeaveNoFolderWhereTheScorerIsInterrupted() throws Exception {
        var reward = reward();
        var caught = new java.util.concurrent.atomic.AtomicReference<Throwable>();
        var thread = new Thread(() -> {
            try {
                score(reward, "while True: pass", NOTHING_ASKED);
            } catch (RuntimeException e) {
                caught.set(e);
            }
        });
        thread.start();
        Thread.sleep(1000);
        thread.interrupt();
        thread.join(20_000);

        assertThat(caught.get()).hasMessageContaining("interrupted while a program ran");
        assertNothingIsLeft();
        assertThat(Files.exists(Path.of("/proc/self"))).isTrue();
    }
}
