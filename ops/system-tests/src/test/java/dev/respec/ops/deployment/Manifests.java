package dev.respec.ops.deployment;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The resources under {@code ops/kubernetes}. A field that a resource's type does not have fails the reading. */
final class Manifests {
    private static final Path FOLDER = Path.of("kubernetes");
    private static final YAMLMapper STRICT = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .serializationInclusion(JsonInclude.Include.NON_NULL)
            .annotationIntrospector(new WithoutAnySetters())
            .build();
    private static final Map<String, Class<?>> TYPES = Map.ofEntries(
            Map.entry("v1/Namespace", Namespace.class),
            Map.entry("v1/ConfigMap", ConfigMap.class),
            Map.entry("v1/Service", Service.class),
            Map.entry("v1/PersistentVolumeClaim", PersistentVolumeClaim.class),
            Map.entry("apps/v1/Deployment", Deployment.class),
            Map.entry("apps/v1/StatefulSet", StatefulSet.class),
            Map.entry("batch/v1/Job", Job.class),
            Map.entry("policy/v1/PodDisruptionBudget", PodDisruptionBudget.class),
            Map.entry("networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class),
            Map.entry("kustomize.config.k8s.io/v1beta1/Kustomization", Kustomization.class),
            Map.entry("kafka.strimzi.io/v1/KafkaTopic", KafkaTopic.class),
            Map.entry("keda.sh/v1alpha1/ScaledObject", ScaledObject.class),
            Map.entry("monitoring.coreos.com/v1/PodMonitor", PodMonitor.class));

    private final List<Object> resources = new ArrayList<>();

    static Manifests read() throws IOException {
        var manifests = new Manifests();
        var kustomization =
                manifests.add("kustomization.yaml", Kustomization.class).get(0);
        for (String file : kustomization.resources()) {
            manifests.add(file, Object.class);
        }
        return manifests;
    }

    /** All resources of a type, in the order of their files. */
    <T> List<T> all(Class<T> type) {
        return resources.stream().filter(type::isInstance).map(type::cast).toList();
    }

    static <T> T strict(Class<T> type, String yaml) throws IOException {
        return STRICT.readValue(yaml, type);
    }

    private <T> List<T> add(String file, Class<T> type) throws IOException {
        var read = new ArrayList<T>();
        try (var documents =
                STRICT.readerFor(JsonNode.class).<JsonNode>readValues(Files.readString(FOLDER.resolve(file)))) {
            while (documents.hasNext()) {
                var document = documents.next();
                var kind = document.path("apiVersion").asText() + "/"
                        + document.path("kind").asText();
                var resource = STRICT.treeToValue(
                        document, Objects.requireNonNull(TYPES.get(kind), () -> file + ": no type for " + kind));
                resources.add(resource);
                read.add(type.cast(resource));
            }
        }
        return read;
    }

    /** Its models keep unknown fields aside; here they are mistakes. */
    private static final class WithoutAnySetters extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public Boolean hasAnySetter(Annotated annotated) {
            return false;
        }
    }

    record Meta(String name, Map<String, String> labels) {}

    record Kustomization(
            String apiVersion,
            String kind,
            String namespace,
            List<Labels> labels,
            List<String> resources,
            List<Image> images) {
        record Labels(boolean includeTemplates, Map<String, String> pairs) {}

        record Image(String name, String newTag) {}
    }

    record KafkaTopic(String apiVersion, String kind, Meta metadata, Spec spec) {
        record Spec(String topicName, int partitions, int replicas, Map<String, String> config) {}
    }

    record ScaledObject(String apiVersion, String kind, Meta metadata, Spec spec) {
        record Spec(
                Target scaleTargetRef,
                int minReplicaCount,
                int maxReplicaCount,
                int pollingInterval,
                int cooldownPeriod,
                Fallback fallback,
                List<Trigger> triggers) {}

        record Target(String apiVersion, String kind, String name) {}

        record Fallback(int failureThreshold, int replicas) {}

        record Trigger(String type, String metricType, Map<String, String> metadata) {}
    }

    record PodMonitor(String apiVersion, String kind, Meta metadata, Spec spec) {
        record Spec(Selector selector, List<String> podTargetLabels, List<Endpoint> podMetricsEndpoints) {}

        record Selector(Map<String, String> matchLabels) {}

        record Endpoint(String port, String path, String interval) {}
    }
}
