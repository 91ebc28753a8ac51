package dev.respec.scorer;

import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.stage.Stage;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.ScorerSection;
import dev.respec.streams.StreamsStage;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The reward scorer as a stage: runs {@link RewardScorerTopology} until asked to stop. */
public final class RewardScorerStage implements Stage {
    private static final Logger log = LoggerFactory.getLogger(RewardScorerStage.class);

    @Override
    public String name() {
        return RewardScorerTopology.NAME;
    }

    @Override
    public void run(StageContext context) throws InterruptedException {
        try (RewardFunctions functions = functions(context)) {
            requireServices(context, functions);
            run(context, functions);
        }
    }

    private static void run(StageContext context, RewardFunctions functions) throws InterruptedException {
        RespecConfig config = context.config();
        ScorerSection scorer = config.scorer();
        var policy = new ScoringPolicy(config.run().id(), scorer.groupTimeout(), scorer.seenRetention());
        var settings = ScorerStreamsSettings.of(config, context.events());
        try (var guard = new GuardedRewards(scorer.rewardTimeout(), Clock.systemUTC());
                var rewards = ConfiguredRewards.scorer(config, functions, guard, context.metrics())) {
            log.atInfo()
                    .addKeyValue("rewardFunctions", functions.names())
                    .addKeyValue("parts", config.reward().weights())
                    .log("Reward functions are loaded");
            var topology =
                    new RewardScorerTopology(context.events(), rewards, policy, context.metrics(), context.traces());
            StreamsStage.run(context, topology.topology(), settings);
        }
    }

    private static void requireServices(StageContext context, RewardFunctions functions) {
        try {
            RewardServices.requireAnswers(
                    functions,
                    context.config().reward().startTimeout(),
                    context::stopping,
                    line -> log.atWarn().addKeyValue("reason", line).log("A reward service does not answer yet"));
        } catch (RewardFunctionException e) {
            throw new ConfigException(String.valueOf(e.getMessage()), e);
        }
    }

    private static RewardFunctions functions(StageContext context) {
        try {
            return ConfiguredRewards.functions(context.config(), context.metrics());
        } catch (RewardFunctionException e) {
            throw new ConfigException(String.valueOf(e.getMessage()), e);
        }
    }
}
