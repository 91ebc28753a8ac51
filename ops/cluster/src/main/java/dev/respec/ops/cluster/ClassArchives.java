package dev.respec.ops.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Archives of loaded classes (class data sharing) of an installation. With them a process starts in about half the
 * processor time, which is what eight virtual machines on two cores wait for. An archive that does not match the
 * libraries or the Java version is ignored by the virtual machine; a missing one only costs time.
 */
public record ClassArchives(Path folder) {
    /** Archive of every process that runs the {@code respec} command. */
    public Path respec() {
        return folder.resolve("respec.jsa");
    }

    /** Archive of the schema registry, which has a class path of its own. */
    public Path registry() {
        return folder.resolve("registry.jsa");
    }

    /** The virtual machine's options that make it use the archive; none if there is no archive. */
    static List<String> flags(Path archive) {
        if (!Files.exists(archive)) {
            return List.of();
        }
        List<String> flags = new ArrayList<>(JvmOptions.ARCHIVED.flags());
        flags.add("-XX:SharedArchiveFile=" + archive);
        return flags;
    }
}
