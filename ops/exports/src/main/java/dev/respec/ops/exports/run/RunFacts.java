package dev.respec.ops.exports.run;

import java.time.Instant;
import java.util.SortedMap;

/**
 * What is known of a run before its steps.
 *
 * @param settings the configuration by key, secrets masked; empty if it is not known
 */
public record RunFacts(String runId, Instant startedAt, SortedMap<String, String> settings) {}
