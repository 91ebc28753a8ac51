package dev.respec.ops.cluster;

import dev.respec.stage.FolderTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where a local run keeps everything it writes; one run at a time, see {@link FolderLock}. */
public record DataFolder(Path root) {

    /** What {@link #clear} may delete: a folder the user named may hold other things. */
    private static final List<String> OURS = List.of(
            "artefacts",
            "cache",
            "config.yaml",
            "controller",
            "drafter-final",
            "drafter-initial",
            "exports",
            "kafka",
            "learner",
            "logs",
            "measurements",
            "policy-best",
            "policy-final",
            "policy-initial",
            "processes.json",
            "queries",
            "registry",
            "report.html",
            "run.json",
            "scorer",
            "summary.json",
            "trainer");

    public DataFolder {
        root = root.toAbsolutePath().normalize();
    }

    public Path kafka() {
        return root.resolve("kafka");
    }

    public Path registry() {
        return root.resolve("registry");
    }

    public Path artefacts() {
        return root.resolve("artefacts");
    }

    public Path logs() {
        return root.resolve("logs");
    }

    /** The drafter that a run with a new one started with. */
    public Path initialDrafter() {
        return root.resolve("drafter-initial");
    }

    /** The newest drafter of a finished run, whole. */
    public Path finalDrafter() {
        return root.resolve("drafter-final");
    }

    /** The policy that the trainer started with. */
    public Path initialPolicy() {
        return root.resolve("policy-initial");
    }

    /** The policy after the last step. */
    public Path finalPolicy() {
        return root.resolve("policy-final");
    }

    /** What the processes measured that run after training. */
    public Path measurements() {
        return root.resolve("measurements");
    }

    public Path runFile() {
        return root.resolve("run.json");
    }

    /** What became of the processes of the run's last start; see {@link ProcessStates}. */
    public Path processes() {
        return root.resolve("processes.json");
    }

    /** The effective configuration, which every stage of the run reads. */
    public Path configuration() {
        return root.resolve("config.yaml");
    }

    public Path summary() {
        return root.resolve("summary.json");
    }

    public Path report() {
        return root.resolve("report.html");
    }

    /** Tables that {@code respec query} has read. */
    public Path queries() {
        return root.resolve("queries");
    }

    Path lockFile() {
        return root.resolve("lock");
    }

    public void create() {
        try {
            for (Path folder : List.of(root, kafka(), registry(), artefacts(), logs(), measurements())) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create the data folder " + root + ": " + e.getMessage(), e);
        }
    }

    /** Deletes what earlier runs wrote here, and nothing else. Call it with the lock held. */
    public void clear() {
        for (String name : OURS) {
            deleteTree(root.resolve(name));
        }
    }

    private static void deleteTree(Path path) {
        try {
            FolderTree.delete(path);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + path + ": " + e.getMessage(), e);
        }
    }
}
