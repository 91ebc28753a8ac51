package dev.respec.ops.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Held while a run uses a data folder, or while somebody reads the topics of one that is over: one at a time. The
 * operating system drops it when the process dies, however it dies.
 *
 * <p>Whoever holds the folder has locked the first byte of its lock file; a run has locked the second one, too, so that
 * others can tell it from a reader.
 */
public final class FolderLock implements AutoCloseable {
    private static final long FOLDER = 0;
    private static final long RUN = 1;

    /**
     * Lock files that this process holds, and whether for a run. One of them is never opened twice: closing the second
     * channel would release the lock of the first, as the operating system keeps locks by process and file. All use of
     * lock files is under this monitor.
     */
    private static final Map<Path, Boolean> HELD = new HashMap<>();

    private final Path file;
    private final FileChannel channel;

    private FolderLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** For a run. Empty if another process, or another lock of this one, holds the folder. */
    public static Optional<FolderLock> tryAcquire(DataFolder folder) {
        return tryAcquire(folder, true);
    }

    /** For one who reads the topics of a run that is over. Empty if the folder is held. */
    public static Optional<FolderLock> tryAcquireToRead(DataFolder folder) {
        return tryAcquire(folder, false);
    }

    private static Optional<FolderLock> tryAcquire(DataFolder folder, boolean run) {
        Path file = folder.lockFile();
        synchronized (HELD) {
            if (HELD.containsKey(file)) {
                return Optional.empty();
            }
            try {
                Files.createDirectories(folder.root());
                FileChannel channel = open(file, run);
                if (channel == null) {
                    return Optional.empty();
                }
                HELD.put(file, run);
                return Optional.of(new FolderLock(file, channel));
            } catch (IOException e) {
                throw new UncheckedIOException("cannot lock " + file + ": " + e.getMessage(), e);
            }
        }
    }

    /** Null if another process has the lock. */
    private static @Nullable FileChannel open(Path file, boolean run) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean acquired = false;
        try {
            acquired = channel.tryLock(FOLDER, 1, false) != null
                    // only one who asks isHeldByRun can have it, for a moment
                    && (!run || channel.lock(RUN, 1, false).isValid());
            return acquired ? channel : null;
        } finally {
            if (!acquired) {
                channel.close();
            }
        }
    }

    /** Whether a run holds the folder, of whatever process; one who reads does not count. */
    public static boolean isHeldByRun(DataFolder folder) {
        Path file = folder.lockFile();
        synchronized (HELD) {
            if (HELD.containsKey(file)) {
                return HELD.get(file);
            }
            if (!Files.exists(file)) {
                return false;
            }
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                    FileLock free = channel.tryLock(RUN, 1, true)) {
                return free == null;
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read the lock " + file + ": " + e.getMessage(), e);
            }
        }
    }

    @Override
    public void close() {
        synchronized (HELD) {
            try {
                if (channel.isOpen()) {
                    channel.close();
                    HELD.remove(file);
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot release the data folder", e);
            }
        }
    }
}
