package dev.respec.ops;

import dev.respec.stage.config.ConfigException;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicProvisioner;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Brings a cluster's topics, share groups and subjects to what the catalogue says. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(plan | apply | acls | strimzi)",
        description = "Creates the topics, share groups and schemas of an installation.")
final class TopicsCommand implements Runnable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Override
    public void run() {
        plan(new ConfigurationOptions());
    }

    @Command(name = "plan", mixinStandardHelpOptions = true, description = "Prints what apply would do.")
    void plan(@Mixin ConfigurationOptions configuration) {
        with(configuration, provisioner -> print(provisioner.plan()));
    }

    @Command(name = "apply", mixinStandardHelpOptions = true, description = "Prints the plan and carries it out.")
    void apply(@Mixin ConfigurationOptions configuration) {
        with(configuration, provisioner -> {
            print(provisioner.plan());
            provisioner.apply();
        });
    }

    @Command(
            name = "acls",
            mixinStandardHelpOptions = true,
            description =
                    "Prints what each stage's user may do, as arguments of kafka-acls.sh; --apply tells the brokers.")
    void acls(
            @Mixin ConfigurationOptions configuration,
            @Option(
                            names = "--principal-prefix",
                            paramLabel = "PREFIX",
                            defaultValue = "respec-",
                            description = "A role's user is PREFIX and the role's name (default: respec-).")
                    String principalPrefix,
            @Option(names = "--apply", description = "Adds what the brokers lack; removes nothing.") boolean apply) {
        try (EventLog events = new EventLog(configuration.load().cluster(), "respec-acls")) {
            var access = events.access(principalPrefix);
            access.lines().forEach(System.out::println);
            if (apply) {
                events.verifyReachable(TIMEOUT);
                System.err.println("Added " + access.apply() + " entries.");
                access.surplus().forEach(entry -> System.err.println("No rule asks for: " + entry));
            }
        }
    }

    @Command(
            name = "strimzi",
            mixinStandardHelpOptions = true,
            description = "Prints the topics as KafkaTopic resources for Strimzi's operator.")
    void strimzi(
            @Mixin ConfigurationOptions configuration,
            @Option(
                            names = "--cluster",
                            paramLabel = "NAME",
                            defaultValue = "respec",
                            description = "Name of the Kafka resource (default: respec).")
                    String cluster,
            @Option(
                            names = "--replicas",
                            paramLabel = "N",
                            defaultValue = "3",
                            description = "Copies of each partition (default: 3).")
                    int replicas) {
        if (replicas < 1) {
            throw new ConfigException("--replicas %d: expected at least 1".formatted(replicas));
        }
        String prefix = configuration.load().kafka().topicPrefix();
        System.out.print(new StrimziTopics(cluster, prefix, replicas).yaml());
    }

    private static void with(ConfigurationOptions configuration, Consumer<TopicProvisioner> action) {
        try (EventLog events = new EventLog(configuration.load().cluster(), "respec-topics")) {
            events.verifyReachable(TIMEOUT);
            action.accept(events.provisioner());
        }
    }

    private static void print(List<String> plan) {
        if (plan.isEmpty()) {
            System.out.println("Nothing to do: topics, share groups and schemas are as the catalogue says.");
        }
        plan.forEach(System.out::println);
    }
}
