package dev.respec.stage.config;

import java.time.Duration;

/**
 * Local mode.
 *
 * @param memory of all processes together; auto is what the machine or the container has
 * @param trainingNiceness by how much trainer and learner give way to the other processes, as {@code nice -n} takes it
 */
public record LocalSection(
        Ports ports,
        boolean page,
        String memory,
        StageMemory stageMemory,
        int trainingNiceness,
        boolean evaluation,
        boolean report,
        boolean bench,
        Restart restart) {
    /** Value of a size that is derived. */
    public static final String AUTO = "auto";

    private static final int MOST_NICENESS = 19;

    public LocalSection {
        requireSizeOrAuto("memory", memory);
        InvalidValue.require(
                trainingNiceness >= 0 && trainingNiceness <= MOST_NICENESS,
                "training-niceness",
                trainingNiceness,
                "a number from 0 to " + MOST_NICENESS);
    }

    private static void requireSizeOrAuto(String key, String size) {
        InvalidValue.require(size.equals(AUTO) || size.matches(SIZE), key, size, "auto or a size such as 512m or 2g");
    }

    private static final String SIZE = "[1-9][0-9]{0,8}[kmg]";

    /** 0 takes a free port. */
    public record Ports(int broker, int registry, int page) {
        public Ports {
            HttpSection.requirePort("broker", broker);
            HttpSection.requirePort("registry", registry);
            HttpSection.requirePort("page", page);
        }
    }

    /** Java heap by process, as {@code -Xmx} takes it; auto is derived from the models. */
    public record StageMemory(
            String broker,
            String registry,
            String worker,
            String scorer,
            String controller,
            String learner,
            String trainer) {
        public StageMemory {
            requireSize("broker", broker);
            requireSize("registry", registry);
            requireSizeOrAuto("worker", worker);
            requireSize("scorer", scorer);
            requireSize("controller", controller);
            requireSizeOrAuto("learner", learner);
            requireSizeOrAuto("trainer", trainer);
        }

        private static void requireSize(String key, String size) {
            InvalidValue.require(size.matches(SIZE), key, size, "a size such as 512m or 2g");
        }
    }

    /** A stage that fails is started again this often, each time after twice the pause; one that lived starts from the first pause again. */
    public record Restart(int max, Duration backOff, Duration stable) {
        public Restart {
            InvalidValue.atLeast(0, "max", max);
        }
    }
}
