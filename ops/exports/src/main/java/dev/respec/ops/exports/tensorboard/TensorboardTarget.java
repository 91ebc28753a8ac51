package dev.respec.ops.exports.tensorboard;

import static java.util.Objects.requireNonNull;

import dev.respec.ops.exports.run.ExportItem;
import dev.respec.ops.exports.run.ExportTarget;
import dev.respec.ops.exports.run.ProgressFile;
import dev.respec.ops.exports.run.ProgressFile.Progress;
import dev.respec.ops.exports.run.RunFacts;
import dev.respec.ops.exports.run.RunOutcome;
import dev.respec.ops.exports.run.TargetUnavailableException;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Event files in one folder, a sub-folder for each run. A run has one file, which is continued after a restart:
 * whatever follows the last remembered item is cut off, so that nothing is in it twice.
 */
public final class TensorboardTarget implements ExportTarget {
    private static final String PROGRESS = "respec-export.json";

    private final Path folder;
    private @Nullable ProgressFile progressFile;
    private @Nullable Progress progress;
    private @Nullable FileChannel file;

    /** @throws ConfigException if the folder cannot be written */
    public TensorboardTarget(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw notWritable(folder, e);
        }
        if (!Files.isWritable(folder)) {
            throw notWritable(folder, new IOException("no permission"));
        }
    }

    private static ConfigException notWritable(Path folder, IOException e) {
        return new ConfigException(
                "metrics.tensorboard (--tensorboard) is %s, which cannot be written (%s): change its permissions, or name another folder"
                        .formatted(folder, e),
                e);
    }

    @Override
    public String name() {
        return "TensorBoard files in " + folder;
    }

    @Override
    public Map<String, Long> begin(RunFacts run) {
        Path runFolder = folder.resolve(run.runId().replaceAll("[^A-Za-z0-9._-]", "_"));
        try {
            Files.createDirectories(runFolder);
            ProgressFile kept = new ProgressFile(runFolder.resolve(PROGRESS));
            FileChannel opened = FileChannel.open(
                    runFolder.resolve(fileName(run)), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            file = opened;
            lock(opened, runFolder);
            Progress known = kept.read()
                    .filter(found -> found.runId().equals(run.runId()))
                    .orElse(Progress.none(run.runId()));
            long there = opened.size();
            // without the file, what was remembered of it is of no use
            Progress resumed = there >= known.bytes() ? known : Progress.none(run.runId());
            opened.truncate(resumed.bytes());
            opened.position(resumed.bytes());
            progressFile = kept;
            progress = resumed;
            if (resumed.bytes() == 0) {
                append(EventBytes.version(run.startedAt()));
            }
            return resumed.steps();
        } catch (IOException e) {
            throw notWritable(runFolder, e);
        }
    }

    /** TensorBoard looks for "tfevents"; the time in front orders files of a folder. */
    private static String fileName(RunFacts run) {
        return "events.out.tfevents.%010d.respec".formatted(run.startedAt().getEpochSecond());
    }

    /** Held until the channel is closed. */
    private static void lock(FileChannel channel, Path runFolder) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new BadInputException("another export writes to " + runFolder + ": stop it, or name another folder");
        }
    }

    @Override
    public void write(List<ExportItem> items) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        items.forEach(item -> records.writeBytes(bytes(item)));
        try {
            append(records.toByteArray());
            Progress written =
                    requireNonNull(progress).with(items, requireNonNull(file).position());
            requireNonNull(progressFile).write(written);
            progress = written;
        } catch (IOException e) {
            throw new TargetUnavailableException(name() + " cannot be written: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(ExportItem item) {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        Instant time = item.finished();
        item.scalars()
                .forEach((name, value) ->
                        records.writeBytes(EventBytes.scalar(item.tag(name), item.step(), time, value)));
        item.distributions()
                .forEach((name, values) ->
                        records.writeBytes(EventBytes.histogram(item.tag(name), item.step(), time, values)));
        item.texts()
                .forEach((name, text) -> records.writeBytes(EventBytes.text(item.tag(name), item.step(), time, text)));
        return records.toByteArray();
    }

    private void append(byte[] records) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(records);
        while (left.hasRemaining()) {
            requireNonNull(file).write(left);
        }
    }

    @Override
    public void finish(RunOutcome outcome) {
        SortedMap<String, Double> results = outcome.results();
        long last = requireNonNull(progress).steps().values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        ExportItem item = new ExportItem(
                "result",
                last,
                Instant.now(),
                Instant.now(),
                new TreeMap<>(),
                results,
                new TreeMap<>(),
                new TreeMap<>());
        if (!results.isEmpty() && item.isAfter(requireNonNull(progress).steps())) {
            write(List.of(item));
        }
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
                file = null;
            }
        } catch (IOException e) {
            throw new TargetUnavailableException(name() + " cannot be closed: " + e.getMessage(), e);
        }
    }
}
