package dev.respec.scorer;

import dev.respec.scorer.child.JarRewards;
import dev.respec.scorer.code.CodeReward;
import dev.respec.scorer.judge.ChatJudge;
import dev.respec.scorer.judge.HttpReward;
import dev.respec.scorer.judge.JudgeErrors;
import dev.respec.scorer.reward.RewardFunction;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.SlowReward;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.RewardSection;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** The rewards of a configuration. */
public final class ConfiguredRewards {
    private ConfiguredRewards() {}

    /**
     * The reward functions: those that ship, those of {@code scorer.reward-jars}, and those that {@code reward} switches on.
     * Closing them ends their processes.
     *
     * @throws RewardFunctionException if one cannot be used on this machine
     */
    public static RewardFunctions functions(RespecConfig config, MeterRegistry registry) {
        RewardSection reward = config.reward();
        String jars = config.scorer().rewardJars();
        boolean trusted = !jars.isEmpty() && reward.trusted();
        RewardFunctions installed =
                trusted ? RewardFunctions.installedAndIn(Path.of(jars)) : RewardFunctions.installed();
        List<RewardFunction> more = new ArrayList<>();
        try {
            if (!jars.isEmpty() && !trusted) {
                more.addAll(jarRewards(config).functions());
            }
            if (reward.code().enabled()) {
                more.add(CodeReward.of(reward.code()));
            }
            if (!reward.http().url().isEmpty()) {
                more.add(new HttpReward(
                        reward.http(),
                        key(reward.http().keyVariable()),
                        new JudgeErrors(registry, "http"),
                        Clock.systemUTC()));
            }
            if (!reward.judge().url().isEmpty()) {
                more.add(new ChatJudge(
                        reward.judge(),
                        key(reward.judge().keyVariable()),
                        new JudgeErrors(registry, "judge"),
                        Clock.systemUTC()));
            }
            RewardFunctions functions = installed.and(more);
            requireParts(functions, reward);
            return functions;
        } catch (RuntimeException e) {
            more.stream().filter(SlowReward.class::isInstance).forEach(function -> ((SlowReward) function).close());
            throw e;
        }
    }

    /** Rewards for a check, whose counts nobody reads. */
    public static RewardFunctions functions(RespecConfig config) {
        return functions(config, new SimpleMeterRegistry());
    }

    /** Says how to get a reward function that is missing. */
    public static String remedy(String name) {
        return switch (name) {
            case "code" -> "set reward.code.enabled=true: it runs programs that the model wrote (SECURITY.md)";
            case "http" -> "set reward.http.url";
            case "judge" -> "set reward.judge.url and reward.judge.model";
            default -> "put its jar into scorer.reward-jars";
        };
    }

    private static void requireParts(RewardFunctions functions, RewardSection reward) {
        var unused = new RewardRecipe(functions, reward.weights());
    }

    private static JarRewards jarRewards(RespecConfig config) {
        return new JarRewards(
                Path.of(config.scorer().rewardJars()),
                config.reward().childMegabytes(),
                config.scorer().rewardThreads(),
                config.scorer().rewardTimeout(),
                Clock.systemUTC());
    }

    private static String key(String variable) {
        return variable.isEmpty() ? "" : System.getenv().getOrDefault(variable, "");
    }

    /** Scores as the configuration says. Closing it ends calls under way, not the functions. */
    public static RewardScorer scorer(
            RespecConfig config, RewardFunctions functions, GuardedRewards guard, MeterRegistry registry) {
        RewardSection reward = config.reward();
        return new RewardScorer(
                new RewardRecipe(functions, reward.weights()),
                guard,
                new RewardTimes(registry, reward.slow(), Clock.systemUTC()),
                reward.failure(),
                Clock.systemUTC());
    }
}
