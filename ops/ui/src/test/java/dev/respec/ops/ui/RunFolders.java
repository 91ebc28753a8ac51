package dev.respec.ops.ui;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.replay.KeptTables;
import dev.respec.ops.replay.RecordedRun;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Data folders of {@link RecordedRun}, as local mode leaves them. */
final class RunFolders {
    static final long SEED = 17;
    static final int STEPS = 4;

    private RunFolders() {}

    /** A run that goes on while the caller holds the lock of its folder. */
    static DataFolder goingOn(Path root, EmbeddedCluster cluster, String... settings) throws IOException {
        DataFolder folder = folder(root, cluster, settings);
        RunFile.begin(RecordedRun.RUN, SEED, STEPS, RecordedRun.START).write(folder.runFile());
        return folder;
    }

    /** A run that is over and was read once. */
    static DataFolder finished(Path root, EmbeddedCluster cluster, String... settings) throws IOException {
        DataFolder folder = folder(root, cluster, settings);
        RunFile.begin(RecordedRun.RUN, SEED, STEPS, RecordedRun.START)
                .after(60, RunFile.Status.FINISHED)
                .write(folder.runFile());
        KeptTables.write(folder, RecordedRun.RUN, cluster.events());
        return folder;
    }

    private static DataFolder folder(Path root, EmbeddedCluster cluster, String... settings) throws IOException {
        DataFolder folder = new DataFolder(root);
        folder.create();
        List<String> all = new ArrayList<>(cluster.configSettings());
        all.add("run.id=" + RecordedRun.RUN);
        all.add("run.data-dir=" + root);
        all.addAll(List.of(settings));
        Files.writeString(
                folder.configuration(),
                RespecConfig.defaults().withOverrides(all).toYamlWithSecrets());
        return folder;
    }

    static WatchedRun watched(DataFolder folder) {
        return new WatchedRun(access(folder));
    }

    static RunAccess access(DataFolder folder) {
        return new RunAccess(
                RespecConfig.defaults().withOverrides(List.of("run.data-dir=" + folder.root())),
                new Installation(folder.root().resolve("installation")));
    }
}
