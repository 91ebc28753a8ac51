package dev.respec.ops.containers;

import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Volume;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;

/** One stage in a container of its own, with as few rights as the images promise to need. */
final class StageContainer extends GenericContainer<StageContainer> {
    private static final long MEBIBYTE = 1 << 20;
    private static final int KILL_AFTER_SECONDS = 30;

    /** @param volumes name of a volume by the folder it is mounted at */
    StageContainer(
            String stage,
            Network network,
            Map<String, String> environment,
            Map<String, String> volumes,
            int memoryMebibytes) {
        super(ContainerEngine.image(stage));
        withNetwork(network);
        withEnv(environment);
        withExposedPorts(8080);
        waitingFor(Wait.forHttp("/readyz").forPort(8080).withStartupTimeout(Duration.ofMinutes(3)));
        withCreateContainerCmdModifier(create -> create.getHostConfig()
                .withReadonlyRootfs(true)
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(List.of("no-new-privileges"))
                .withMemory(memoryMebibytes * MEBIBYTE)
                .withMemorySwap(memoryMebibytes * MEBIBYTE)
                .withBinds(volumes.entrySet().stream()
                        .map(volume -> new Bind(volume.getValue(), new Volume(volume.getKey())))
                        .toList()));
    }

    /** SIGKILL. */
    void kill() {
        DockerClientFactory.lazyClient().killContainerCmd(getContainerId()).exec();
    }

    /** SIGTERM, and SIGKILL only for what is still there when the engine's patience ends. */
    void terminate() {
        DockerClientFactory.lazyClient()
                .stopContainerCmd(getContainerId())
                .withTimeout(KILL_AFTER_SECONDS)
                .exec();
    }

    void leave(Network network) {
        DockerClientFactory.lazyClient()
                .disconnectFromNetworkCmd()
                .withNetworkId(network.getId())
                .withContainerId(getContainerId())
                .exec();
    }

    void join(Network network) {
        DockerClientFactory.lazyClient()
                .connectToNetworkCmd()
                .withNetworkId(network.getId())
                .withContainerId(getContainerId())
                .exec();
    }

    /** As it is now; {@code getExitCodeLong} and {@code getOOMKilled} say how an ended one ended. */
    ContainerState state() {
        return getCurrentContainerInfo().getState();
    }

    /** The name under which a worker reports. */
    String hostName() {
        return getContainerId().substring(0, 12);
    }
}
