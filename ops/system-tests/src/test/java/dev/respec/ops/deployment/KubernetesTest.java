package dev.respec.ops.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.ops.deployment.Manifests.KafkaTopic;
import dev.respec.ops.deployment.Manifests.Kustomization;
import dev.respec.ops.deployment.Manifests.ScaledObject;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KubernetesTest {
    private static final List<String> STAGES =
            List.of("rollout-worker", "reward-scorer", "sd-controller", "drafter-learner", "trainer");

    @SuppressWarnings("NullAway.Init") // before all
    private static Manifests manifests;

    @BeforeAll
    static void read() throws IOException {
        manifests = Manifests.read();
    }

    @Test
    void shouldRunEveryStage() {
        assertThat(pods())
                .containsOnlyKeys(
                        "rollout-worker",
                        "reward-scorer",
                        "sd-controller",
                        "drafter-learner",
                        "trainer",
                        "registration");
        assertThat(manifests.all(Kustomization.class).get(0).images())
                .extracting(Kustomization.Image::name)
                .containsAll(pods().values().stream()
                        .map(pod -> pod.getContainers().get(0).getImage())
                        .toList());
    }

    @Test
    void shouldGrantAPodNoMoreThanItNeeds() {
        pods().forEach((name, pod) -> {
            assertThat(pod.getSecurityContext().getRunAsNonRoot()).as(name).isTrue();
            assertThat(pod.getAutomountServiceAccountToken()).as(name).isFalse();
            var container = pod.getContainers().get(0);
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .as(name)
                    .isTrue();
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .as(name)
                    .isFalse();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .as(name)
                    .containsExactly("ALL");
            assertThat(container.getResources().getLimits()).as(name).containsKey("memory");
            assertThat(pod.getVolumes().stream().filter(volume -> volume.getSecret() != null))
                    .allSatisfy(volume ->
                            assertThat(volume.getSecret().getDefaultMode()).isEqualTo(0440));
            assertThat(container.getVolumeMounts())
                    .extracting(VolumeMount::getMountPath)
                    .contains("/var/lib/respec", "/tmp", "/etc/respec/secrets");
        });
    }

    @Test
    void shouldAskEveryStageForItsHealth() {
        for (String stage : STAGES) {
            Container container = pod(stage).getContainers().get(0);
            assertThat(container.getLivenessProbe().getHttpGet().getPath())
                    .as(stage)
                    .isEqualTo("/healthz");
            assertThat(container.getReadinessProbe().getHttpGet().getPath())
                    .as(stage)
                    .isEqualTo("/readyz");
            assertThat(container.getPorts())
                    .as(stage)
                    .anyMatch(port -> port.getName().equals("http"));
            // A stage takes up to 20 s to end what it has begun.
            assertThat(pod(stage).getTerminationGracePeriodSeconds()).isGreaterThan(20);
        }
    }

    @Test
    void shouldMountWhatIsDeclared() {
        var claimTemplates = new HashMap<String, List<String>>();
        manifests
                .all(StatefulSet.class)
                .forEach(set -> claimTemplates.put(
                        set.getMetadata().getName(),
                        set.getSpec().getVolumeClaimTemplates().stream()
                                .map(claim -> claim.getMetadata().getName())
                                .toList()));
        pods().forEach((name, pod) -> {
            var declared = new java.util.ArrayList<>(claimTemplates.getOrDefault(name, List.of()));
            pod.getVolumes().forEach(volume -> declared.add(volume.getName()));
            assertThat(pod.getContainers().get(0).getVolumeMounts())
                    .as(name)
                    .extracting(VolumeMount::getName)
                    .containsExactlyInAnyOrderElementsOf(declared);
        });
    }

    @Test
    void shouldConfigureWithKeysThatExist() {
        var environment = manifests.all(ConfigMap.class).get(0).getData();

        var config = RespecConfig.load(null, environment, List.of());

        assertThat(config.run().id()).isEqualTo("kubernetes");
        assertThat(config.kafka().propertiesFile()).startsWith("/etc/respec/secrets/");
    }

    @Test
    void shouldMakeTheTopicsOfTheCatalogue() {
        var topics = manifests.all(KafkaTopic.class);

        assertThat(topics)
                .extracting(topic -> topic.spec().topicName())
                .containsExactlyElementsOf(
                        TopicCatalogue.all().stream().map(Topic::name).toList());
        for (int i = 0; i < topics.size(); i++) {
            var made = topics.get(i).spec();
            var wanted = TopicCatalogue.all().get(i);
            assertThat(made.partitions()).as(wanted.name()).isEqualTo(wanted.partitions());
            assertThat(made.config()).as(wanted.name()).containsAllEntriesOf(wanted.configuration());
            assertThat(made.config()).containsOnlyKeys(keys(wanted));
        }
    }

    @Test
    void shouldScaleTheWorkersByWhatWaitsForThem() {
        var scaled = manifests.all(ScaledObject.class).get(0).spec();

        assertThat(manifests.all(Deployment.class))
                .extracting(deployment -> deployment.getMetadata().getName())
                .contains(scaled.scaleTargetRef().name());
        var workers = manifests.all(Deployment.class).stream()
                .filter(deployment -> deployment.getMetadata().getName().equals("rollout-worker"))
                .findFirst()
                .orElseThrow();
        assertThat(workers.getSpec().getReplicas()).as("the autoscaler's").isNull();
        assertThat(scaled.triggers())
                .allSatisfy(trigger -> assertThat(trigger.type()).isEqualTo("prometheus"));
    }

    @Test
    void shouldRefuseAFieldThatDoesNotExist() {
        assertThatThrownBy(() -> Manifests.strict(Deployment.class, "spec: {replica: 3}"))
                .hasMessageContaining("replica");
    }

    private static String[] keys(Topic<?> topic) {
        var keys = new java.util.TreeSet<>(topic.configuration().keySet());
        keys.add("min.insync.replicas");
        return keys.toArray(String[]::new);
    }

    private static PodSpec pod(String stage) {
        return Objects.requireNonNull(pods().get(stage), stage);
    }

    private static Map<String, PodSpec> pods() {
        var pods = new HashMap<String, PodSpec>();
        manifests
                .all(Deployment.class)
                .forEach(each -> pods.put(
                        each.getMetadata().getName(),
                        each.getSpec().getTemplate().getSpec()));
        manifests
                .all(StatefulSet.class)
                .forEach(each -> pods.put(
                        each.getMetadata().getName(),
                        each.getSpec().getTemplate().getSpec()));
        manifests
                .all(Job.class)
                .forEach(each -> pods.put(
                        each.getMetadata().getName(),
                        each.getSpec().getTemplate().getSpec()));
        return pods;
    }
}
