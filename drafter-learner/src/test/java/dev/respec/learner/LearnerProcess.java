package dev.respec.learner;

import dev.respec.stage.StageProcess;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The learner in a process of its own, so that it can be killed. */
public final class LearnerProcess {
    private LearnerProcess() {}

    public static void main(String[] settings) {
        var config = RespecConfig.load(null, Map.of(), Arrays.asList(settings));
        System.exit(StageProcess.run(new DrafterLearner(), config));
    }

    static Process start(List<String> settings, Path log) throws IOException {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                LearnerProcess.class.getName()));
        command.addAll(settings);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }
}
