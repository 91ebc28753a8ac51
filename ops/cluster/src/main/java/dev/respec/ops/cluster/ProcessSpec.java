package dev.respec.ops.cluster;

import java.util.List;
import java.util.Set;

/**
 * A process of a local run.
 *
 * @param name short name, also of its log file
 * @param command program and arguments
 * @param lifetime what exit code 0 means
 * @param finalExits exit codes after which a restart cannot help: bad usage, bad input
 */
record ProcessSpec(String name, List<String> command, Lifetime lifetime, Set<Integer> finalExits) {

    /** What exit code 0 means. */
    enum Lifetime {
        /** Done. */
        ENDS,
        /** As unexpected as any other. */
        STAYS,
        /** Done; and if it fails for good, the run goes on without it. */
        BESIDE
    }

    ProcessSpec {
        command = List.copyOf(command);
        finalExits = Set.copyOf(finalExits);
    }
}
