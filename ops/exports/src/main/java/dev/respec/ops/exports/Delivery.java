package dev.respec.ops.exports;

import dev.respec.ops.exports.run.ExportItem;
import dev.respec.ops.exports.run.ExportTarget;
import dev.respec.ops.exports.run.RunFacts;
import dev.respec.ops.exports.run.RunOutcome;
import dev.respec.ops.exports.run.TargetUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Delivers items to one target and tries again while it refuses them, so that no other target has to wait. */
final class Delivery {
    private static final Duration PAUSE = Duration.ofSeconds(5);
    private static final int MOST_AT_ONCE = 200;

    private final ExportTarget target;
    private final RunFacts facts;
    private final Consumer<String> told;
    private final List<ExportItem> waiting = new ArrayList<>();
    private @Nullable Map<String, Long> progress;
    private long notBeforeNanos = System.nanoTime();
    private boolean failing;
    private long written;

    Delivery(ExportTarget target, RunFacts facts, Consumer<String> told) {
        this.target = target;
        this.facts = facts;
        this.told = told;
    }

    void add(List<ExportItem> items) {
        waiting.addAll(items);
    }

    /** Tries once, unless the last failure was a moment ago. */
    void deliver() {
        if (System.nanoTime() < notBeforeNanos) {
            return;
        }
        try {
            write();
            if (failing) {
                told.accept(target.name() + " takes metrics again");
                failing = false;
            }
        } catch (TargetUnavailableException e) {
            notBeforeNanos = System.nanoTime() + PAUSE.toNanos();
            if (!failing) {
                told.accept(e.getMessage() + "; trying again every " + PAUSE.toSeconds() + " s");
                failing = true;
            }
        }
    }

    private void write() {
        if (progress == null) {
            progress = Map.copyOf(target.begin(facts));
        }
        Map<String, Long> had = progress;
        waiting.removeIf(item -> !item.isAfter(had));
        while (!waiting.isEmpty()) {
            List<ExportItem> next = waiting.subList(0, Math.min(waiting.size(), MOST_AT_ONCE));
            target.write(List.copyOf(next));
            written += next.size();
            next.clear();
        }
    }

    /** @throws TargetUnavailableException if the target has not taken everything after that time */
    void complete(Duration most, Optional<RunOutcome> outcome) {
        long deadline = System.nanoTime() + most.toNanos();
        while (true) {
            try {
                write();
                outcome.ifPresent(target::finish);
                told.accept("%s: %d steps, rounds and evaluations%s"
                        .formatted(target.name(), written, outcome.isPresent() ? ", and the results" : ""));
                return;
            } catch (TargetUnavailableException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TargetUnavailableException("interrupted", e);
        }
    }
}
