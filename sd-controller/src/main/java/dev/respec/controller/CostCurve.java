package dev.respec.controller;

import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Milliseconds of a step by active batch, measured at a few of them with one setting and one context. */
final class CostCurve {
    private final NavigableMap<Integer, Double> byBatch;

    /** @param byBatch at least one */
    CostCurve(Map<Integer, Double> byBatch) {
        this.byBatch = new TreeMap<>(byBatch);
    }

    int largestBatch() {
        return byBatch.lastKey();
    }

    /**
     * Linear between the measured batches and constant below the smallest. Above the largest, the last measured slope or
     * the growth that is passed, whichever is dearer: a setting not measured there must not look cheap.
     *
     * @param growth of plain decoding from the largest measured batch to this one
     */
    double milliseconds(double activeBatch, double growth) {
        Map.Entry<Integer, Double> below = byBatch.floorEntry((int) Math.floor(activeBatch));
        Map.Entry<Integer, Double> above = byBatch.ceilingEntry((int) Math.ceil(activeBatch));
        if (below == null) {
            return byBatch.firstEntry().getValue();
        }
        if (above != null) {
            return line(below, above, activeBatch);
        }
        Map.Entry<Integer, Double> before = byBatch.lowerEntry(below.getKey());
        double alongSlope = before == null ? below.getValue() : line(before, below, activeBatch);
        return Math.max(alongSlope, below.getValue() * Math.max(1, growth));
    }

    private static double line(Map.Entry<Integer, Double> from, Map.Entry<Integer, Double> to, double at) {
        if (from.getKey().equals(to.getKey())) {
            return from.getValue();
        }
        double share = (at - from.getKey()) / (to.getKey() - from.getKey());
        return from.getValue() + share * (to.getValue() - from.getValue());
    }
}
