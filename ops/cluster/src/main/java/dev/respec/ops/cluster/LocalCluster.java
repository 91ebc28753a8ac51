package dev.respec.ops.cluster;

import dev.respec.stage.Reachability;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ClusterUnreachableException;
import dev.respec.topics.EventLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Broker and registry of a data folder. */
public final class LocalCluster {
    private static final Duration START_TIMEOUT = Duration.ofMinutes(3);

    private final Supervisor supervisor;
    private final LocalProcesses processes;
    private final int brokerPort;
    private final int registryPort;

    private LocalCluster(Supervisor supervisor, LocalProcesses processes, int brokerPort, int registryPort) {
        this.supervisor = supervisor;
        this.processes = processes;
        this.brokerPort = brokerPort;
        this.registryPort = registryPort;
    }

    /** Chooses the ports and starts both processes; {@link #awaitReady} says when they answer. */
    public static LocalCluster start(Supervisor supervisor, LocalProcesses processes, RespecConfig config) {
        int broker = Ports.choose("local.ports.broker", config.local().ports().broker());
        int registry =
                Ports.choose("local.ports.registry", config.local().ports().registry());
        LocalCluster cluster = new LocalCluster(supervisor, processes, broker, registry);
        supervisor.start(cluster.processes.broker(broker));
        supervisor.start(cluster.processes.registry(registry));
        return cluster;
    }

    /** What the configuration must say to reach this cluster. */
    public List<String> settings() {
        return List.of(
                "kafka.bootstrap-servers=" + broker(),
                "kafka.topic-prefix=",
                "registry.urls=[" + registryApi() + "]",
                "registry.username=",
                "registry.password=",
                "registry.password-file=",
                "registry.trusted-certificates=");
    }

    public String broker() {
        return "localhost:" + brokerPort;
    }

    /** What clients of a Confluent-compatible registry are given. */
    public String registryApi() {
        return "http://localhost:" + registryPort + "/apis/ccompat/v7";
    }

    /**
     * Returns when both answer; looks after their processes meanwhile.
     *
     * @param notice told the name of each process as its port opens
     */
    public void awaitReady(EventLog events, Consumer<String> notice) throws InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        boolean broker = false;
        boolean registry = false;
        while (!(broker && registry)) {
            supervisor.tend();
            if (!broker && listens(brokerPort)) {
                broker = true;
                notice.accept(LocalProcesses.BROKER);
            }
            if (!registry && listens(registryPort)) {
                registry = true;
                notice.accept(LocalProcesses.REGISTRY);
            }
            if (System.nanoTime() > deadline) {
                throw new ClusterUnreachableException(
                        (broker ? "the registry" : "the broker") + " does not listen after " + START_TIMEOUT.toSeconds()
                                + " s: see its log under logs/",
                        null);
            }
            Thread.sleep(50);
        }
        new Reachability(events::verifyReachable, System::nanoTime).await(START_TIMEOUT);
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }
}
