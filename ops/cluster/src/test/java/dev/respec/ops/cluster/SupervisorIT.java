package dev.respec.ops.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.respec.ops.cluster.ProcessSpec.Lifetime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Real processes of a shell. */
class SupervisorIT {
    private static final int BAD_INPUT = 4;

    @TempDir
    private Path folder;

    private final List<String> notices = new CopyOnWriteArrayList<>();

    @SuppressWarnings("NullAway.Init") // every test begins with it
    private Supervisor supervisor;

    @AfterEach
    void stop() {
        supervisor.close();
    }

    @Test
    void shouldStartADeadProcessAgainAndThenGiveUpNamingItsLog() throws IOException {
        supervisor = supervisor(2);
        supervisor.start(shell("stage", "echo tried >> " + folder + "/tries; echo 'no such checkpoint' >&2; exit 70"));

        assertThatThrownBy(this::tend)
                .isInstanceOf(ProcessFailedException.class)
                .hasMessageContaining("stage ended with exit code 70 after 2 restarts")
                .hasMessageContaining(folder.resolve("stage.log").toString())
                .hasMessageContaining("no such checkpoint");
        assertThat(Files.readAllLines(folder.resolve("tries"))).hasSize(3);
        assertThat(notices).anyMatch(notice -> notice.contains("restart 1 of 2"));
    }

    @Test
    void shouldNotStartAgainWhatARestartCannotHelp() throws IOException {
        supervisor = supervisor(5);
        supervisor.start(shell("stage", "echo tried >> " + folder + "/tries; exit " + BAD_INPUT));

        assertThatThrownBy(this::tend).isInstanceOf(ProcessFailedException.class);
        assertThat(Files.readAllLines(folder.resolve("tries"))).hasSize(1);
    }

    @Test
    void shouldGoOnWithoutAProcessBesideTheRunThatFails() {
        supervisor = supervisor(5);
        SupervisedProcess beside = supervisor.start(new ProcessSpec(
                "export",
                List.of("sh", "-c", "echo 'nothing answers' >&2; exit " + BAD_INPUT),
                Lifetime.BESIDE,
                Set.of(BAD_INPUT)));
        SupervisedProcess stage = supervisor.start(shell("stage", "sleep 60"));

        await().until(() -> beside.exitCode() != null);
        supervisor.tend();
        supervisor.tend();

        assertThat(beside.isOver()).isTrue();
        assertThat(beside.isFinished()).isFalse();
        assertThat(stage.exitCode()).isNull();
        assertThat(notices).singleElement().asString().contains("the run goes on without it", "nothing answers");
        supervisor.closeStages();
        assertThat(supervisor.processes()).containsExactly(beside);
    }

    @Test
    void shouldLetAProcessThatEndsEnd() {
        supervisor = supervisor(5);
        SupervisedProcess done = supervisor.start(shell("trainer", "exit 0"));

        await().until(() -> done.exitCode() != null);
        supervisor.tend();

        assertThat(done.isFinished()).isTrue();
        assertThat(notices).isEmpty();
    }

    @Test
    void shouldKillAProcessThatIgnoresTheRequestToEnd() {
        supervisor = supervisor(0);
        supervisor.start(shell("stubborn", "trap '' TERM; while true; do sleep 0.05; done"));
        List<ProcessHandle> children = ProcessHandle.current().children().toList();

        supervisor.close();

        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(children).noneMatch(ProcessHandle::isAlive));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void shouldLowerThePriorityOfAProcessThatStaysTiedByItsStandardInput() throws IOException {
        supervisor = supervisor(0);
        List<String> command =
                new Niceness(3).of(List.of("sh", "-c", "read line; echo $$ > " + folder + "/pid; read end"));
        SupervisedProcess process =
                supervisor.start(new ProcessSpec("trainer", command, Lifetime.ENDS, Set.of(BAD_INPUT)));
        process.release();
        await().until(() -> Files.exists(folder.resolve("pid"))
                && !Files.readString(folder.resolve("pid")).isBlank());

        String pid = Files.readString(folder.resolve("pid")).strip();
        assertThat(pid).isEqualTo(Long.toString(process.state().pid()));
        assertThat(niceness(pid)).isEqualTo(Math.min(19, niceness("self") + 3));
    }

    /** The 19th field of a process's line, 16 after the name in parentheses. */
    private static int niceness(String pid) throws IOException {
        String line = Files.readString(Path.of("/proc", pid, "stat"));
        return Integer.parseInt(line.substring(line.lastIndexOf(')') + 2).split(" ", -1)[16]);
    }

    @Test
    void shouldReleaseAWaitingProcessAlsoAfterItsRestart() {
        supervisor = supervisor(1);
        supervisor.start(shell("stage", "read line; echo got $line >> " + folder + "/released; exit 70"));

        supervisor.processes().forEach(SupervisedProcess::release);

        assertThatThrownBy(this::tend).isInstanceOf(ProcessFailedException.class);
        assertThat(folder.resolve("released")).hasContent("got go\ngot go\n");
    }

    /** Until it throws, or for longer than any test needs. */
    private void tend() throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (System.nanoTime() < deadline) {
            supervisor.tend();
            Thread.sleep(10);
        }
    }

    private Supervisor supervisor(int restarts) {
        return new Supervisor(
                folder,
                new RestartPolicy(restarts, Duration.ofMillis(20), Duration.ofMinutes(1)),
                Clock.systemUTC(),
                Duration.ofMillis(500),
                notices::add);
    }

    private static ProcessSpec shell(String name, String script) {
        Lifetime lifetime = name.equals("trainer") ? Lifetime.ENDS : Lifetime.STAYS;
        return new ProcessSpec(name, List.of("sh", "-c", script), lifetime, Set.of(BAD_INPUT));
    }
}
