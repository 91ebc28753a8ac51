package dev.respec.ops.ui;

/** How the tables of a run are filled. */
interface RunReading {
    /** Returns when the run has to be read again; called by the reader's thread alone. */
    void read(WatchedRun.Watch watch) throws InterruptedException;
}
