package dev.respec.topics;

import dev.respec.schemas.registry.SchemaRegistryClient;
import dev.respec.schemas.registry.SchemaText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificData;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeShareGroupsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings topics, share groups and registry to what the catalogue says. Idempotent: applied twice, the second time does
 * nothing. It deletes nothing, and takes no partition away.
 */
public final class TopicProvisioner {
    private static final Logger log = LoggerFactory.getLogger(TopicProvisioner.class);
    private static final String COMPATIBILITY = "BACKWARD_TRANSITIVE";
    private static final DescribeShareGroupsOptions COORDINATOR_TIMEOUT =
            new DescribeShareGroupsOptions().timeoutMs(30_000);

    private final EventLog events;
    private final SchemaRegistryClient registry;
    private final String prefix;

    TopicProvisioner(EventLog events, SchemaRegistryClient registry, String prefix) {
        this.events = events;
        this.registry = registry;
        this.prefix = prefix;
    }

    /** What {@link #apply()} would do, a line each; empty when nothing is to be done. */
    public List<String> plan() {
        try (var admin = events.admin()) {
            return changes(admin).stream()
                    .flatMap(change -> change.lines().stream())
                    .toList();
        }
    }

    /** Does what the plan says, in its order, and stops at the first failure. */
    public void apply() {
        try (var admin = events.admin()) {
            changes(admin).forEach(change -> {
                change.lines()
                        .forEach(
                                line -> log.atInfo().addKeyValue("change", line).log("Provisioning"));
                change.action().run();
            });
            awaitGroupCoordinator(admin);
        }
    }

    /**
     * Has the broker create and load what keeps the groups, on a new cluster a matter of seconds. Members that join
     * earlier ask the broker again and again, and spin while they wait for an answer.
     */
    private void awaitGroupCoordinator(Admin admin) {
        var groups = TopicCatalogue.shareGroups().keySet().stream()
                .map(group -> prefix + group)
                .toList();
        try {
            await(admin.describeShareGroups(groups, COORDINATOR_TIMEOUT).all());
        } catch (GroupIdNotFoundException e) {
            log.atDebug().addKeyValue("groups", groups).log("Group coordinator answers, no worker has joined yet");
            groups.forEach(group -> makeEmpty(admin, group));
        } catch (ApiException e) {
            log.atWarn()
                    .addKeyValue("groups", groups)
                    .addKeyValue("reason", e.toString())
                    .log("Group coordinator cannot be asked, workers may join late");
        }
    }

    /**
     * Makes a group that nobody has joined, with the state of the partitions that it reads. Otherwise the first worker
     * makes it, and hears of its assignment a heartbeat later.
     */
    private void makeEmpty(Admin admin, String group) {
        var topic = events.topicName(TopicCatalogue.ROLLOUT_REQUESTS);
        var partitions = await(admin.describeTopics(List.of(topic)).allTopicNames()).values().stream()
                .flatMap(description -> description.partitions().stream())
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        var earliest = partitions.stream()
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.earliest()));
        try {
            var begins = await(admin.listOffsets(earliest).all()).entrySet().stream()
                    .collect(Collectors.toMap(
                            Map.Entry::getKey, entry -> entry.getValue().offset()));
            await(admin.alterShareGroupOffsets(group, begins).all());
        } catch (ApiException e) { // a worker was faster, or the operator may not: workers make it then
            log.atDebug()
                    .addKeyValue("group", group)
                    .addKeyValue("reason", e.toString())
                    .log("Group is not made");
        }
    }

    /** Creates one topic if it is missing, of the catalogue or like one of it; changes nothing that is there. */
    public void create(Topic<?> topic) {
        try (var admin = events.admin()) {
            var name = events.topicName(topic);
            if (!await(admin.listTopics().names()).contains(name)) {
                var created = new NewTopic(name, Optional.of(topic.partitions()), Optional.empty());
                await(admin.createTopics(List.of(created.configs(topic.configuration())))
                        .all());
            }
        }
    }

    private List<Change> changes(Admin admin) {
        var changes = new ArrayList<Change>();
        var existing = existing(admin);
        creation(admin, existing.keySet()).ifPresent(changes::add);
        for (var topic : TopicCatalogue.all()) {
            var description = existing.get(events.topicName(topic));
            if (description != null) {
                partitions(admin, topic, description).ifPresent(changes::add);
                configuration(admin, ConfigResource.Type.TOPIC, description.name(), topic.configuration())
                        .ifPresent(changes::add);
            }
        }
        TopicCatalogue.shareGroups()
                .forEach((group, settings) -> configuration(admin, ConfigResource.Type.GROUP, prefix + group, settings)
                        .ifPresent(changes::add));
        TopicCatalogue.all().forEach(topic -> changes.addAll(registration(topic)));
        return changes;
    }

    private Map<String, TopicDescription> existing(Admin admin) {
        var names = await(admin.listTopics().names());
        var wanted = TopicCatalogue.all().stream()
                .map(events::topicName)
                .filter(names::contains)
                .toList();
        return await(admin.describeTopics(wanted).allTopicNames());
    }

    /** All in one request: it takes as long as one topic. */
    private Optional<Change> creation(Admin admin, Set<String> existing) {
        var missing = TopicCatalogue.all().stream()
                .filter(topic -> !existing.contains(events.topicName(topic)))
                .toList();
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        var lines = missing.stream()
                .map(topic -> "create topic %s: %d partitions, %s"
                        .formatted(events.topicName(topic), topic.partitions(), new TreeMap<>(topic.configuration())))
                .toList();
        var topics = missing.stream()
                .map(topic -> new NewTopic(events.topicName(topic), Optional.of(topic.partitions()), Optional.empty())
                        .configs(topic.configuration()))
                .toList();
        return Optional.of(
                new Change(lines, () -> await(admin.createTopics(topics).all())));
    }

    private Optional<Change> partitions(Admin admin, Topic<?> topic, TopicDescription description) {
        int there = description.partitions().size();
        if (there >= topic.partitions()) {
            return Optional.empty();
        }
        return Optional.of(new Change(
                "add partitions to topic %s: %d to %d".formatted(description.name(), there, topic.partitions()),
                () -> await(
                        admin.createPartitions(Map.of(description.name(), NewPartitions.increaseTo(topic.partitions())))
                                .all())));
    }

    private Optional<Change> configuration(
            Admin admin, ConfigResource.Type type, String name, Map<String, String> wanted) {
        var resource = new ConfigResource(type, name);
        var there = await(admin.describeConfigs(List.of(resource)).all()).values().stream()
                .flatMap(described -> described.entries().stream())
                .filter(entry -> entry.value() != null)
                .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value));
        var different = new TreeMap<>(wanted);
        different.entrySet().removeIf(entry -> entry.getValue().equals(there.get(entry.getKey())));
        if (different.isEmpty()) {
            return Optional.empty();
        }
        var operations = different.entrySet().stream()
                .map(entry ->
                        new AlterConfigOp(new ConfigEntry(entry.getKey(), entry.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        return Optional.of(new Change(
                "set on %s %s: %s"
                        .formatted(type == ConfigResource.Type.GROUP ? "share group" : "topic", name, different),
                () -> await(admin.incrementalAlterConfigs(Map.of(resource, operations))
                        .all())));
    }

    private List<Change> registration(Topic<?> topic) {
        var changes = new ArrayList<Change>();
        var subject = events.subject(topic);
        if (!registry.compatibility(subject).equals(Optional.of(COMPATIBILITY))) {
            changes.add(new Change(
                    "set compatibility of subject %s: %s".formatted(subject, COMPATIBILITY),
                    () -> registry.setCompatibility(subject, COMPATIBILITY)));
        }
        var schema = SchemaText.portable(SpecificData.get().getSchema(topic.valueType()));
        if (!registry.registered(subject, schema)) {
            changes.add(new Change(
                    "register schema %s under subject %s".formatted(schema.getFullName(), subject),
                    () -> registry.register(subject, schema)));
        }
        return changes;
    }

    private static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for kafka", e);
        }
    }

    private record Change(List<String> lines, Runnable action) {
        Change(String line, Runnable action) {
            this(List.of(line), action);
        }
    }
}
