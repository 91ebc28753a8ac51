package dev.respec.ops.exports.run;

import java.util.List;
import java.util.Map;

/** A destination of exports. Used by one thread; after a restart it may be given the same run again. */
public interface ExportTarget extends AutoCloseable {
    /** For messages: what it is and where. */
    String name();

    /** The last step of each kind of item that an earlier export of the run has brought; empty for the first one. */
    Map<String, Long> begin(RunFacts run);

    /**
     * Takes items in order. When it returns, the target has stored them and remembers them; when it throws, it may have
     * stored some, and giving them again changes nothing.
     *
     * @throws TargetUnavailableException if it should be tried again later
     */
    void write(List<ExportItem> items);

    /** The run is over and all its items are written. */
    void finish(RunOutcome outcome);

    @Override
    void close();
}
