package dev.respec.ops;

import dev.respec.topics.EventLog;
import dev.respec.topics.TopicProvisioner;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Brings a cluster's topics, share groups and subjects to what the catalogue says. */
@Command(
        name = "topics",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(plan | apply)",
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
