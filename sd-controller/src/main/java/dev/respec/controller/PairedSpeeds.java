package dev.respec.controller;

import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SpeculationSetting;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Speeds of settings at one range of batches, relative to each other, by all pairs of turns of a run: the least-squares
 * solution over the graph of comparisons, each edge weighed by its pairs. Settings that no chain of comparisons connects have
 * no ratio.
 */
final class PairedSpeeds {
    /** Pairs of a setting below which its speed does not count. */
    private static final long FEWEST_PAIRS = 8;

    /** Standard deviation of one pair that is assumed beside those that were seen, and their number. */
    private static final double PAIR_DEVIATION = 0.3;

    private static final double ASSUMED_PAIRS = 4;

    /** Weight, in pairs, that keeps the equations solvable; it pulls no ratio. */
    private static final double RIDGE = 1e-6;

    private final Map<SpeculationSetting, Integer> places = new HashMap<>();
    private final List<Edge> edges = new ArrayList<>();

    /** Pairs of two settings: ln(second / first), summed, and its squares. */
    private record Edge(int first, int second, long pairs, double sum, double squares) {}

    private double[] logSpeeds = {};
    private double[][] inverse = {};
    private int[] components = {};
    private double variance;

    void add(PairedTurns pairs) {
        edges.add(new Edge(
                place(pairs.getSetting()),
                place(pairs.getRival()),
                pairs.getPairs(),
                pairs.getLogSpeedRatios(),
                pairs.getSquaredLogSpeedRatios()));
    }

    private int place(SpeculationSetting setting) {
        return places.computeIfAbsent(setting, key -> places.size());
    }

    /** To call after the last {@link #add}. */
    void solve() {
        int size = places.size();
        double[][] equations = new double[size][size];
        double[] right = new double[size];
        components = new int[size];
        for (int i = 0; i < size; i++) {
            equations[i][i] = RIDGE;
            components[i] = i;
        }
        for (Edge edge : edges) {
            equations[edge.first()][edge.first()] += edge.pairs();
            equations[edge.second()][edge.second()] += edge.pairs();
            equations[edge.first()][edge.second()] -= edge.pairs();
            equations[edge.second()][edge.first()] -= edge.pairs();
            right[edge.second()] += edge.sum();
            right[edge.first()] -= edge.sum();
            join(edge.first(), edge.second());
        }
        inverse = Matrices.inverse(equations);
        logSpeeds = new double[size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                logSpeeds[i] += inverse[i][j] * right[j];
            }
        }
        variance = Math.max(withinMoments(), betweenMoments());
    }

    /** Of one pair, by how far pairs of one moment lie apart. */
    private double withinMoments() {
        double squares = 0;
        double freedom = 0;
        for (Edge edge : edges) {
            squares += Math.max(0, edge.squares() - edge.sum() * edge.sum() / edge.pairs());
            freedom += edge.pairs() - 1.0;
        }
        return withAssumed(squares, freedom);
    }

    /** Of one pair, by how far moments lie from the solution: pairs of one moment are more alike than those of several. */
    private double betweenMoments() {
        double squares = 0;
        for (Edge edge : edges) {
            double apart = edge.sum() / edge.pairs() - (logSpeeds[edge.second()] - logSpeeds[edge.first()]);
            squares += edge.pairs() * apart * apart;
        }
        long groups = Arrays.stream(components).distinct().count();
        return withAssumed(squares, Math.max(0, edges.size() - (places.size() - groups)));
    }

    private static double withAssumed(double squares, double freedom) {
        return (squares + ASSUMED_PAIRS * PAIR_DEVIATION * PAIR_DEVIATION) / (freedom + ASSUMED_PAIRS);
    }

    private void join(int one, int other) {
        int from = components[other];
        int to = components[one];
        for (int i = 0; i < components.length; i++) {
            components[i] = components[i] == from ? to : components[i];
        }
    }

    /** ln(speed of one / speed of the other); empty if no comparisons connect them. */
    OptionalDouble logRatio(SpeculationSetting one, SpeculationSetting other) {
        Integer a = places.get(one);
        Integer b = places.get(other);
        return a == null || b == null || components[a] != components[b]
                ? OptionalDouble.empty()
                : OptionalDouble.of(logSpeeds[a] - logSpeeds[b]);
    }

    /** Variance of {@link #logRatio}. */
    double variance(SpeculationSetting one, SpeculationSetting other) {
        Integer a = places.get(one);
        Integer b = places.get(other);
        return a == null || b == null ? 0 : variance * Math.max(0, inverse[a][a] + inverse[b][b] - 2 * inverse[a][b]);
    }

    /** The fastest of those that comparisons connect with this one and that were compared often enough; itself without any. */
    SpeculationSetting best(SpeculationSetting setting) {
        SpeculationSetting best = setting;
        for (SpeculationSetting candidate : places.keySet()) {
            if (pairs(candidate) >= FEWEST_PAIRS && logRatio(candidate, best).orElse(0) > 0) {
                best = candidate;
            }
        }
        return best;
    }

    private long pairs(SpeculationSetting setting) {
        int place = places.getOrDefault(setting, -1);
        return edges.stream()
                .filter(edge -> edge.first() == place || edge.second() == place)
                .mapToLong(Edge::pairs)
                .sum();
    }
}
