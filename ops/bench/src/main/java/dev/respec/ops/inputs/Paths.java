package dev.respec.ops.inputs;

import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Files and folders that the user names. Looks, and creates nothing. */
public final class Paths {
    private Paths() {}

    /**
     * A folder that is written to; it need not exist yet.
     *
     * @param name option or key that names it, for the message
     */
    public static void requireWritableFolder(String name, Path folder) {
        Path existing = nearestExisting(folder);
        if (!Files.isDirectory(existing)) {
            throw new ConfigException("%s is %s, but %s is a file: name a folder, or a path where one can be created"
                    .formatted(name, folder, existing));
        }
        if (!Files.isWritable(existing)) {
            throw new ConfigException(
                    "%s is %s, but %s cannot be written to: change its permissions, or name another folder"
                            .formatted(name, folder, existing));
        }
    }

    /**
     * A file that is written when the work is done, so that the work is not lost for it.
     *
     * @param file null asks for no file
     */
    public static void requireWritableFile(String name, @Nullable Path file) {
        if (file == null) {
            return;
        }
        Path absolute = file.toAbsolutePath();
        if (Files.isDirectory(absolute)) {
            throw new ConfigException("%s is %s, which is a folder: name a file".formatted(name, file));
        }
        Path folder = absolute.getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new ConfigException("%s is %s, but there is no folder %s: create it first, or name another file"
                    .formatted(name, file, folder));
        }
        if (!Files.isWritable(Files.exists(absolute) ? absolute : folder)) {
            throw new ConfigException("%s is %s, which cannot be written: change the permissions, or name another file"
                    .formatted(name, file));
        }
    }

    /** A file of data that is read. */
    static void requireReadableData(String name, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException("%s is %s, but there is no such file: correct the path".formatted(name, file));
        }
        if (!Files.isReadable(file)) {
            throw new BadInputException("%s is %s, which cannot be read: change its permissions".formatted(name, file));
        }
    }

    /** A checkpoint's folder. */
    static void requireCheckpointFolder(String name, Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException(
                    "%s is %s, but there is no such folder: name a checkpoint folder with config.json, tokenizer.json and"
                                    .formatted(name, folder)
                            + " model.safetensors");
        }
    }

    private static Path nearestExisting(Path path) {
        Path existing = path.toAbsolutePath().normalize();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        return existing;
    }
}
