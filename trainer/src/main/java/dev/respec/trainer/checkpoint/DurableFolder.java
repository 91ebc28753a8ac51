package dev.respec.trainer.checkpoint;

import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.stage.FolderTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.function.Consumer;

/** Folders that are written, forced to disk and replaced as a whole. */
public final class DurableFolder {
    private DurableFolder() {}

    /**
     * Writes a folder under another name and puts it in the place of what was there.
     *
     * @param writer fills the folder it is given
     */
    public static void replace(Path folder, Consumer<Path> writer) {
        var absolute = folder.toAbsolutePath();
        var draft = absolute.resolveSibling("." + absolute.getFileName() + ".draft");
        try {
            FolderTree.delete(draft);
            Files.createDirectories(draft);
            writer.accept(draft);
            force(draft);
            FolderTree.delete(absolute);
            Files.move(draft, absolute, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CheckpointException(folder + ": cannot be written: " + e.getMessage(), e);
        }
    }

    static void force(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
                forceFile(path);
            }
        }
    }

    static void forceFile(Path path) throws IOException {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
