package dev.respec.ops.containers;

import com.github.dockerjava.api.exception.NotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.testcontainers.DockerClientFactory;

/** Whether container tests can run here. */
final class ContainerEngine {
    static final List<String> STAGES =
            List.of("rollout-worker", "reward-scorer", "sd-controller", "drafter-learner", "trainer");
    private static final String TAG = "local";

    private ContainerEngine() {}

    static String image(String name) {
        return "respec/" + name + ":" + TAG;
    }

    /** An engine answers and has the images that {@code ops/images/build} makes. */
    static boolean hasImages() {
        boolean asked = System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock"));
        return asked
                && DockerClientFactory.instance().isDockerAvailable()
                && STAGES.stream().allMatch(ContainerEngine::has)
                && has("kafka")
                && has("registry")
                && has("command");
    }

    private static boolean has(String name) {
        try {
            DockerClientFactory.lazyClient().inspectImageCmd(image(name)).exec();
            return true;
        } catch (NotFoundException e) {
            return false;
        }
    }
}
