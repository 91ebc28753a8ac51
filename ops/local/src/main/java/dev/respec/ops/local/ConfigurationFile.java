package dev.respec.ops.local;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** The configuration of a run's start, where every stage reads it. It has secrets, so nobody else may read it. */
final class ConfigurationFile {
    private ConfigurationFile() {}

    static void write(DataFolder folder, RespecConfig config) {
        Path file = folder.configuration();
        try {
            Files.deleteIfExists(file);
            if (Files.getFileStore(folder.root()).supportsFileAttributeView("posix")) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            }
            Files.writeString(file, config.toYamlWithSecrets());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
