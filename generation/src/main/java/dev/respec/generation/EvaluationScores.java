package dev.respec.generation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Statistics of the rewards of n samples per prompt. A sample passes with a reward of at least 1.
 *
 * <p>Not thread-safe.
 */
public final class EvaluationScores {
    private static final double PASSED = 1;

    private final int samplesPerPrompt;
    private final Map<Integer, List<Double>> rewardsByPrompt = new HashMap<>();

    public EvaluationScores(int samplesPerPrompt) {
        this.samplesPerPrompt = samplesPerPrompt;
    }

    public void add(int prompt, double reward) {
        rewardsByPrompt.computeIfAbsent(prompt, key -> new ArrayList<>()).add(reward);
    }

    public double meanReward() {
        return promptMeans().stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }

    /**
     * Standard error of the mean reward: the deviation of the prompts' mean rewards, divided by the root of the number
     * of prompts. Samples of one prompt are not independent, so they do not count as further observations. NaN for fewer
     * than two prompts.
     */
    public double standardError() {
        List<Double> means = promptMeans();
        double mean = meanReward();
        double squares =
                means.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
        int count = means.size();
        return count < 2 ? Double.NaN : Math.sqrt(squares / (count - 1) / count);
    }

    private List<Double> promptMeans() {
        return rewardsByPrompt.values().stream()
                .map(rewards -> rewards.stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElse(0))
                .toList();
    }

    /** pass@k for the powers of two up to the number of samples, and for that number. */
    public SortedMap<Integer, Double> passAtK() {
        SortedMap<Integer, Double> rates = new TreeMap<>();
        for (int k = 1; k < samplesPerPrompt; k *= 2) {
            rates.put(k, passAt(k));
        }
        rates.put(samplesPerPrompt, passAt(samplesPerPrompt));
        return rates;
    }

    /**
     * The unbiased estimator of Chen et al. 2021 (arXiv 2107.03374): the mean of 1 − C(n−c, k) / C(n, k).
     *
     * @param k at most the samples of a prompt
     */
    public double passAt(int k) {
        if (k < 1 || k > samplesPerPrompt) {
            throw new IllegalArgumentException("pass@%d of %d samples".formatted(k, samplesPerPrompt));
        }
        return rewardsByPrompt.values().stream()
                .mapToDouble(rewards -> {
                    int n = rewards.size();
                    int wrong = (int)
                            rewards.stream().filter(reward -> reward < PASSED).count();
                    double allWrong = 1;
                    for (int i = 0; i < k; i++) {
                        allWrong *= Math.max(0, wrong - i) / (double) (n - i);
                    }
                    return 1 - allWrong;
                })
                .average()
                .orElse(0);
    }
}
