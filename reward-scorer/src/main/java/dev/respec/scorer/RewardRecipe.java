package dev.respec.scorer;

import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunction;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.SlowReward;
import dev.respec.stage.config.RewardSection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the reward of a task is made of: its own function alone, or a weighted sum of parts of which it may be one.
 *
 * <p>Of a sum, every part is recorded by its name, without its weight; what a part is made of itself stands beside it as
 * {@code part.name}.
 */
public final class RewardRecipe {
    private final RewardFunctions functions;
    private final Map<String, Double> weights;

    /** One summand. */
    record Part(String name, double weight, RewardFunction function) {}

    /**
     * A recipe.
     *
     * @param weights by part, {@value RewardSection#TASK} being the task's own function; empty for that alone
     * @throws RewardFunctionException if a part does not exist
     */
    public RewardRecipe(RewardFunctions functions, Map<String, Double> weights) {
        this.functions = functions;
        this.weights = new TreeMap<>(weights);
        weights.keySet().stream()
                .filter(name -> !name.equals(RewardSection.TASK)
                        && functions.named(name).isEmpty())
                .findFirst()
                .ifPresent(name -> {
                    throw new RewardFunctionException(
                            "reward.parts names '%s', but there is no such reward function: expected %s, or one of %s"
                                    .formatted(name, RewardSection.TASK, functions.names()));
                });
    }

    SortedSet<String> names() {
        return functions.names();
    }

    /** Whether there is a function for the task: needed even if it is not a part, because data name it. */
    boolean knows(String task) {
        return functions.named(task).isPresent();
    }

    /** The parts of a task's reward, one at least; empty if there is no such task. */
    Optional<List<Part>> of(String task) {
        return functions.named(task).map(own -> {
            if (weights.isEmpty()) {
                return List.of(new Part(task, 1, own));
            }
            List<Part> parts = new ArrayList<>();
            weights.forEach((name, weight) -> parts.add(new Part(
                    name,
                    weight,
                    name.equals(RewardSection.TASK)
                            ? own
                            : functions.named(name).orElseThrow())));
            return parts;
        });
    }

    /** Whether a part of the task's reward waits for a process or a service. */
    boolean isSlow(String task) {
        return of(task).stream().flatMap(List::stream).anyMatch(part -> part.function() instanceof SlowReward);
    }

    /** The reward of all parts together; {@code outcomes} in the order of the parts. */
    RewardOutcome sum(List<Part> parts, List<RewardOutcome> outcomes) {
        if (weights.isEmpty()) {
            return outcomes.get(0);
        }
        double value = 0;
        Map<String, Double> named = new TreeMap<>();
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            Reward reward = outcomes.get(i).reward();
            value += part.weight() * reward.value();
            named.put(part.name(), reward.value());
            reward.parts().forEach((name, inner) -> named.put(part.name() + "." + name, inner));
        }
        String errors = outcomes.stream()
                .map(RewardOutcome::error)
                .filter(error -> error != null)
                .collect(Collectors.joining("; "));
        boolean unavailable = outcomes.stream().anyMatch(RewardOutcome::unavailable);
        return new RewardOutcome(new Reward(value, named), errors.isEmpty() ? null : errors, unavailable);
    }
}
