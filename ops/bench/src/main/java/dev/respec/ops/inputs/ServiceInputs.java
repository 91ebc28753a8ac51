package dev.respec.ops.inputs;

import dev.respec.ops.measure.HeldOut;
import dev.respec.scorer.RewardServices;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.RewardSection;
import java.util.function.Consumer;

/** The services that a configuration's rewards come from. */
public final class ServiceInputs {
    private ServiceInputs() {}

    /**
     * Asks each of them once, or waits for it as long as {@code reward.start-timeout} says.
     *
     * @param notices for the user, while one does not answer
     * @throws ConfigException if one refuses: address, token or model is wrong
     * @throws dev.respec.stage.UnreachableException if one does not answer
     */
    public static void requireAnswers(RespecConfig config, Consumer<String> notices) {
        RewardSection reward = config.reward();
        if (reward.http().url().isEmpty() && reward.judge().url().isEmpty()) {
            return;
        }
        try (RewardFunctions functions = HeldOut.rewards(config)) {
            RewardServices.requireAnswers(
                    functions,
                    reward.startTimeout(),
                    () -> false,
                    line -> notices.accept("waiting for a reward service: " + line));
        } catch (RewardFunctionException e) {
            throw new ConfigException(String.valueOf(e.getMessage()), e);
        }
    }
}
