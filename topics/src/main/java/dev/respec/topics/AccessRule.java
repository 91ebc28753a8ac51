package dev.respec.topics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * One thing that a role may do on the cluster. The roles are the stages, {@link #OPERATOR} and {@link #OBSERVER}; what no
 * rule allows is refused. To read or to write includes to describe.
 *
 * @param resource topic, group or transactional id, with the installation's prefix
 */
public record AccessRule(String role, ResourcePattern resource, Set<AclOperation> operations) {
    /** Brings topics and share groups to what the catalogue says; reads and writes no record. */
    public static final String OPERATOR = "operator";

    /** Reads every topic: report, status, replay, people. */
    public static final String OBSERVER = "observer";

    /** Kafka Streams applications by stage; application id and stage name are the same. */
    private static final List<String> STREAMS = List.of("reward-scorer", "sd-controller");

    private static final String EXACTLY_ONCE_STREAMS = "reward-scorer";
    private static final String TRAINER = "trainer";
    private static final String EVERYONE = "*";

    public AccessRule {
        operations = Set.copyOf(operations);
    }

    /** Every stage's name, as in the catalogue. */
    public static List<String> stages() {
        return List.of("rollout-worker", "reward-scorer", "sd-controller", "drafter-learner", TRAINER);
    }

    /** The rules of an installation, role by role. */
    public static List<AccessRule> of(String topicPrefix) {
        var rules = new ArrayList<AccessRule>();
        for (String stage : stages()) {
            rules.addAll(topicRules(stage, topicPrefix));
        }
        var workers = literal(ResourceType.GROUP, topicPrefix + TopicCatalogue.WORKER_GROUP);
        rules.add(new AccessRule("rollout-worker", workers, Set.of(AclOperation.READ)));
        STREAMS.forEach(stage -> rules.addAll(streamsRules(stage, topicPrefix + stage)));
        rules.add(transactions(EXACTLY_ONCE_STREAMS, topicPrefix + EXACTLY_ONCE_STREAMS + "-"));
        rules.add(transactions(TRAINER, topicPrefix + TRAINER + "-"));
        for (Topic<?> topic : TopicCatalogue.all()) {
            var resource = literal(ResourceType.TOPIC, topicPrefix + topic.name());
            rules.add(new AccessRule(
                    OPERATOR, resource, Set.of(AclOperation.CREATE, AclOperation.ALTER, AclOperation.ALTER_CONFIGS)));
            rules.add(new AccessRule(OBSERVER, resource, Set.of(AclOperation.READ)));
        }
        rules.add(new AccessRule(
                OPERATOR,
                workers,
                Set.of(AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS, AclOperation.ALTER_CONFIGS)));
        rules.add(new AccessRule(OBSERVER, workers, Set.of(AclOperation.DESCRIBE)));
        return List.copyOf(rules);
    }

    /** What a broker is told, one binding an operation. */
    public Stream<AclBinding> bindings(String principalPrefix) {
        return new TreeSet<>(operations)
                .stream()
                        .map(operation -> new AclBinding(
                                resource,
                                new AccessControlEntry(
                                        principal(principalPrefix), EVERYONE, operation, AclPermissionType.ALLOW)));
    }

    String principal(String principalPrefix) {
        return "User:" + principalPrefix + role;
    }

    /** Arguments of {@code kafka-acls.sh} that add the rule. */
    String arguments(String principalPrefix) {
        var option = Map.of(
                        ResourceType.TOPIC, "--topic",
                        ResourceType.GROUP, "--group",
                        ResourceType.TRANSACTIONAL_ID, "--transactional-id")
                .get(resource.resourceType());
        var allowed = new StringBuilder();
        new TreeSet<>(operations)
                .forEach(operation -> allowed.append(" --operation ").append(name(operation)));
        var pattern = resource.patternType() == PatternType.PREFIXED ? " --resource-pattern-type prefixed" : "";
        return "--add --allow-principal '%s'%s %s '%s'%s"
                .formatted(principal(principalPrefix), allowed, option, resource.name(), pattern);
    }

    private static List<AccessRule> topicRules(String stage, String topicPrefix) {
        var rules = new ArrayList<AccessRule>();
        for (Topic<?> topic : TopicCatalogue.usedBy(stage)) {
            var operations = new TreeSet<AclOperation>();
            if (topic.readers().contains(stage)) {
                operations.add(AclOperation.READ);
            }
            if (TopicCatalogue.writes(stage, topic)) {
                operations.add(AclOperation.WRITE);
            }
            rules.add(new AccessRule(stage, literal(ResourceType.TOPIC, topicPrefix + topic.name()), operations));
        }
        return rules;
    }

    /** An application joins the group of its id and makes, fills and restores the topics that begin with it. */
    private static List<AccessRule> streamsRules(String stage, String applicationId) {
        var topics = new ResourcePattern(ResourceType.TOPIC, applicationId + "-", PatternType.PREFIXED);
        return List.of(
                new AccessRule(stage, literal(ResourceType.GROUP, applicationId), Set.of(AclOperation.READ)),
                new AccessRule(
                        stage,
                        topics,
                        Set.of(
                                AclOperation.CREATE,
                                AclOperation.READ,
                                AclOperation.WRITE,
                                AclOperation.DELETE,
                                AclOperation.DESCRIBE_CONFIGS)));
    }

    private static AccessRule transactions(String stage, String idPrefix) {
        return new AccessRule(
                stage,
                new ResourcePattern(ResourceType.TRANSACTIONAL_ID, idPrefix, PatternType.PREFIXED),
                Set.of(AclOperation.WRITE));
    }

    private static ResourcePattern literal(ResourceType type, String name) {
        return new ResourcePattern(type, name, PatternType.LITERAL);
    }

    /** As {@code kafka-acls.sh} spells it: DESCRIBE_CONFIGS is DescribeConfigs. */
    private static String name(AclOperation operation) {
        var name = new StringBuilder();
        for (String word : operation.name().split("_")) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
        }
        return name.toString();
    }
}
