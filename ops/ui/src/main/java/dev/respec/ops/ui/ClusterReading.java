package dev.respec.ops.ui;

import dev.respec.stage.config.RespecConfig;

/** Reads the topics of a cluster while somebody is watching, because nothing says whether more records will come. */
record ClusterReading(RespecConfig config, long mostRecords) implements RunReading {
    @Override
    public void read(WatchedRun.Watch watch) throws InterruptedException {
        new FollowedTopics(config, mostRecords).follow(watch, () -> true);
    }
}
