package dev.respec.stage;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;

/** Folders with all they contain, and files that have several names. */
public final class FolderTree {
    private FolderTree() {}

    /** Deletes the folder and everything in it, links and not what they point to; nothing happens if it is missing. */
    public static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (var paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /**
     * Gives a file a second name, or copies it if the file system has no links or the target lies on another. Only for
     * files that are replaced as a whole and never written into, so that both names keep their bytes.
     */
    public static void link(Path source, Path target) throws IOException {
        try {
            Files.createLink(target, source.toRealPath());
        } catch (FileSystemException | UnsupportedOperationException e) {
            Files.copy(source, target);
        }
    }
}
