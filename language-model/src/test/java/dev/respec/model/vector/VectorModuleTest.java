package dev.respec.model.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class VectorModuleTest {
    @Test
    void shouldComputeOnVectorsWithoutAWarning() throws Exception {
        String output = run("--add-exports", "java.base/jdk.internal.module=ALL-UNNAMED");
        assertThat(output).isEqualTo("[11.0, 22.0, 33.0, 44.0, 55.0]");
    }

    @Test
    void shouldDoWithoutVectorsThatItMayNotLoad() throws Exception {
        assertThat(run()).isEqualTo("unavailable");
    }

    /** Both streams of a fresh virtual machine. */
    private static String run(String... flags) throws IOException, InterruptedException, URISyntaxException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", home(VectorModule.class) + File.pathSeparator + home(VectorModuleTest.class)));
        command.add(VectorModuleProgram.class.getName());
        var written = Files.createTempFile("vectors", ".out");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(written.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("the process ends")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        String output = Files.readString(written);
        Files.delete(written);
        assertThat(process.exitValue()).as(output).isZero();
        return output.strip();
    }

    private static Path home(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
