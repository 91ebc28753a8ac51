package dev.respec.learner.state;

/** Where a record stands in its topic. */
public record RecordPosition(int partition, long offset) {}
