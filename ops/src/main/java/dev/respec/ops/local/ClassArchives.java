package dev.respec.ops.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Archives of loaded classes (class data sharing), one a process: with them a virtual machine starts in about half the
 * processor time, which is what seven of them on two cores wait for. An archive that does not fit the libraries any more
 * is ignored by the virtual machine.
 */
public enum ClassArchives {
    /** Each process starts from its archive, where there is one. */
    USED {
        @Override
        List<String> flags(Path archive) {
            return Files.exists(archive) ? List.of("-XX:SharedArchiveFile=" + archive, QUIET, ERRORS) : List.of();
        }
    },
    /** Each process leaves an archive when it ends. */
    MADE {
        @Override
        List<String> flags(Path archive) {
            return List.of("-XX:ArchiveClassesAtExit=" + archive, QUIET, ERRORS);
        }
    };

    /** The virtual machine would tell the log about every class that it cannot archive or find in the archive. */
    private static final String QUIET = "-Xlog:disable";

    private static final String ERRORS = "-Xlog:all=error:stderr";

    abstract List<String> flags(Path archive);
}
