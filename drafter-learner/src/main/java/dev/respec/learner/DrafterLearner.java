package dev.respec.learner;

import dev.respec.stage.BadInputException;
import dev.respec.stage.Stage;
import dev.respec.stage.StageContext;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stage: reads scored rollouts, trains the drafter on them in rounds, publishes what does not lose acceptance.
 *
 * <p>A round's effect is exactly once: its checkpoint holds weights, optimiser, buffer, offsets and the events to
 * announce, and is complete before they are sent; a restart sends what the topics lack and reads on from the offsets.
 */
public final class DrafterLearner implements Stage {
    private static final Logger log = LoggerFactory.getLogger(DrafterLearner.class);
    private static final Duration POLL = Duration.ofMillis(250);

    @Override
    public String name() {
        return "drafter-learner";
    }

    @Override
    public void run(StageContext context) {
        var config = context.config();
        if (!config.learner().enabled() || config.model().drafter().equals("none")) {
            log.atInfo().log("Nothing to learn: learner.enabled is false or model.drafter is none");
            context.ready();
            return;
        }
        if (config.run().id().isBlank()) {
            throw new BadInputException("run.id is empty: set it to the id of the run whose drafter is to be trained");
        }
        try (var session = LearnerSession.open(context)) {
            context.ready();
            while (!context.stopping()) {
                session.step(POLL);
            }
        }
    }
}
