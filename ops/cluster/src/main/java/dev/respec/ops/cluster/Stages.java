package dev.respec.ops.cluster;

import dev.respec.stage.Stage;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;

/** The stages by their subcommand, in the order in which a record travels. */
public enum Stages {
    WORKER("rollout-worker", Kind.COMPUTES, "Generates rollouts with adaptive speculative decoding."),
    SCORER("reward-scorer", Kind.STREAMS, "Turns rollouts into rewards and group advantages."),
    CONTROLLER("sd-controller", Kind.STREAMS, "Decides the speculation settings."),
    LEARNER("drafter-learner", Kind.COMPUTES, "Distils the policy into the drafter."),
    TRAINER("trainer", Kind.COMPUTES, "Admits prompts and trains the policy.");

    private enum Kind {
        COMPUTES,
        STREAMS
    }

    private final String stage;
    private final Kind kind;
    private final String description;

    Stages(String stage, Kind kind, String description) {
        this.stage = stage;
        this.kind = kind;
        this.description = description;
    }

    public static List<Stages> all() {
        return List.of(values());
    }

    /** Whether the subcommand names a stage. */
    public static boolean contains(String subcommand) {
        return all().stream().anyMatch(each -> each.subcommand().equals(subcommand));
    }

    public String subcommand() {
        return name().toLowerCase(Locale.ROOT);
    }

    public String description() {
        return description;
    }

    /** Whether the stage computes with models. */
    public boolean carriesModels() {
        return kind == Kind.COMPUTES;
    }

    /** Whether the stage is a Kafka Streams application. */
    public boolean isStreams() {
        return kind == Kind.STREAMS;
    }

    /** Makes the stage; an image has the classes of one stage only. */
    public Stage create() {
        return ServiceLoader.load(Stage.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(each -> each.name().equals(stage))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "stage " + stage + " is not on the class path: this image or installation lacks its library"));
    }
}
