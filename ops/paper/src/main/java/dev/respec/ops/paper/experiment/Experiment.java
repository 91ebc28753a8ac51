package dev.respec.ops.paper.experiment;

import dev.respec.ops.paper.findings.Findings;

/** One figure or table of the paper, or a question beside it. */
public interface Experiment {
    /** Name on the command line. */
    String name();

    /** What it shows, in a few words. */
    String title();

    /** Share of the budget that it gets, relative to the others; 0 if its time does not matter. */
    int weight();

    /**
     * Measures as much as the time allows; what could not be measured is named in the findings and is never an error.
     * An exception means that nothing was found.
     */
    Findings run(Session session) throws InterruptedException;
}
