package dev.respec.ops.ui;

import dev.respec.stage.config.RespecConfig;

/** Reads the topics of a cluster while somebody is watching, because nothing says whether more records will come. */
record ClusterReading(RespecConfig config, long mostRecords) implements RunReading {
    @Override
    public void read(WatchedRun.Watch watch) throws InterruptedException {
        String absent =
                "the topics of kafka at %s hold no record of run '%s': if it is not just starting, correct run.id or --run, or kafka.topic-prefix"
                        .formatted(
                                config.cluster().bootstrapServers(),
                                config.run().id());
        new FollowedTopics(config, mostRecords, absent).follow(watch, () -> true);
    }
}
