package dev.respec.generation.engine;

import dev.respec.generation.engine.OriginSpan.DraftSource;
import dev.respec.generation.engine.OriginSpan.Origin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The origins of a sequence's tokens as they are emitted, two integers per run: nothing is allocated per step. */
final class OriginRuns {
    private static final Origin[] ORIGINS = Origin.values();
    private static final DraftSource[] SOURCES = DraftSource.values();

    private int[] kinds = new int[16];
    private int[] counts = new int[16];
    private int runs;

    /** The next so many tokens came this way; 0 adds nothing. */
    void add(Origin origin, DraftSource source, int tokens) {
        if (tokens == 0) {
            return;
        }
        int kind = origin.ordinal() * SOURCES.length + source.ordinal();
        if (runs > 0 && kinds[runs - 1] == kind) {
            counts[runs - 1] += tokens;
            return;
        }
        if (runs == kinds.length) {
            kinds = Arrays.copyOf(kinds, 2 * runs);
            counts = Arrays.copyOf(counts, 2 * runs);
        }
        kinds[runs] = kind;
        counts[runs++] = tokens;
    }

    List<OriginSpan> spans() {
        List<OriginSpan> spans = new ArrayList<>(runs);
        for (int i = 0; i < runs; i++) {
            spans.add(
                    new OriginSpan(ORIGINS[kinds[i] / SOURCES.length], SOURCES[kinds[i] % SOURCES.length], counts[i]));
        }
        return spans;
    }
}
