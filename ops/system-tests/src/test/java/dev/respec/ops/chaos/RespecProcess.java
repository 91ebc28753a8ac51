package dev.respec.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code respec local} as a user starts it, with its processes as the operating system knows them. */
public final class RespecProcess implements AutoCloseable {
    private static final String MAIN = "dev.respec.ops.Respec";
    private static final String REGISTRY_MAIN = "dev.respec.ops.cluster.RegistryMain";
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofMillis(500)).build();

    private final Process process;

    private RespecProcess(Process process) {
        this.process = process;
    }

    /** @param log takes what it prints */
    public static RespecProcess start(List<String> arguments, Path home, Path log) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Drespec.home=" + home,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                MAIN));
        command.addAll(arguments);
        return new RespecProcess(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for its end and fails unless it succeeds. */
    public void awaitSuccess(Duration within, Path log) throws InterruptedException {
        boolean ended = process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
        assertThat(ended)
                .as("the run ends within %s, log:%n%s", within, tail(log, 30))
                .isTrue();
        assertThat(process.exitValue()).as("exit code, log:%n%s", tail(log, 60)).isZero();
    }

    /** SIGKILL to the supervisor; its processes notice by themselves. */
    List<ProcessHandle> kill() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        return children;
    }

    /** The process that runs under this name now. */
    Optional<Running> find(String name) {
        return process.descendants()
                .flatMap(handle ->
                        arguments(handle).filter(a -> name.equals(name(a))).map(a -> new Running(handle, a)).stream())
                .findFirst();
    }

    private static String name(List<String> arguments) {
        int main = arguments.indexOf(MAIN);
        if (main >= 0 && main + 1 < arguments.size()) {
            return arguments.get(main + 1);
        }
        return arguments.contains(REGISTRY_MAIN) ? "registry" : "";
    }

    /** From /proc: the handle's own information ends where the class path gets long. */
    private static Optional<List<String>> arguments(ProcessHandle handle) {
        try {
            byte[] line = Files.readAllBytes(Path.of("/proc", Long.toString(handle.pid()), "cmdline"));
            return Optional.of(Arrays.asList(new String(line, StandardCharsets.UTF_8).split("\0")));
        } catch (IOException ended) {
            return Optional.empty();
        }
    }

    /** A process of the run and its command line. */
    record Running(ProcessHandle handle, List<String> arguments) {
        /** A stage says it, the broker listens; of the registry it is enough that it lives. */
        boolean ready() throws InterruptedException {
            int broker = arguments.indexOf("--port");
            if (broker >= 0) {
                return listens(Integer.parseInt(arguments.get(broker + 1)));
            }
            Optional<String> port = arguments.stream()
                    .filter(argument -> argument.startsWith("http.port="))
                    .map(argument -> argument.substring("http.port=".length()))
                    .findFirst();
            return port.isEmpty() ? handle.isAlive() : answers(port.get());
        }

        private static boolean listens(int port) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
                return true;
            } catch (IOException notYet) {
                return false;
            }
        }

        /** Stops answering, and goes on after a while; returns at once. */
        void goneFor(Duration absence) {
            signal("STOP");
            CompletableFuture.delayedExecutor(absence.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(() -> signal("CONT"));
        }

        private void signal(String name) {
            try {
                new ProcessBuilder("kill", "-" + name, Long.toString(handle.pid())).start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static boolean answers(String port) throws InterruptedException {
            try {
                HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz"))
                        .timeout(Duration.ofSeconds(2))
                        .build();
                return CLIENT.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException notYet) {
                return false;
            }
        }
    }

    /** Ends whatever of it still lives. */
    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
    }

    public static String tail(Path log, int lines) {
        try {
            List<String> all = Files.readAllLines(log);
            return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
