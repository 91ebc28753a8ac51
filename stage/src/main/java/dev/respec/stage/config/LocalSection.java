package dev.respec.stage.config;

import java.time.Duration;

public record LocalSection(
        Ports ports, StageMemory stageMemory, boolean evaluation, boolean report, boolean bench, Restart restart) {
    /** 0 takes a free port. */
    public record Ports(int broker, int registry) {
        public Ports {
            HttpSection.requirePort("broker", broker);
            HttpSection.requirePort("registry", registry);
        }
    }

    /** Java heap by process, as {@code -Xmx} takes it. */
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
            requireSize("worker", worker);
            requireSize("scorer", scorer);
            requireSize("controller", controller);
            requireSize("learner", learner);
            requireSize("trainer", trainer);
        }

        private static void requireSize(String key, String size) {
            InvalidValue.require(size.matches("[1-9][0-9]*[kmg]"), key, size, "a size such as 512m or 2g");
        }
    }

    /** A stage that fails is started again this often, each time after twice the pause; one that lived starts anew. */
    public record Restart(int max, Duration backOff, Duration stable) {
        public Restart {
            InvalidValue.atLeast(0, "max", max);
        }
    }
}
