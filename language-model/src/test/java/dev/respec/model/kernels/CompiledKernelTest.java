package dev.respec.model.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompiledKernelTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/kernels/decoder",
                "/kernels/device_decoder",
                "/kernels/trainable",
                "/eagle3/eagle3",
                "/eagle3/eagle3_training"
            })
    void shouldBeCompiledFromTheSourceBesideIt(String name, @TempDir Path directory) throws IOException {
        var archive = Files.write(directory.resolve("kernel.zip"), resource(name + ".pt"));
        try (var zip = new ZipFile(archive.toFile())) {
            var entry = zip.stream()
                    .filter(each -> each.getName().endsWith("/extra/source.py"))
                    .findFirst()
                    .orElseThrow();
            assertThat(zip.getInputStream(entry).readAllBytes()).isEqualTo(resource(name + ".py"));
        }
    }

    @ParameterizedTest
    @CsvSource({"/kernels/decoder, matrices.py", "/eagle3/eagle3, matrices.py", "/kernels/trainable, layer_pass.py"})
    void shouldHoldThePartsOfTheSourceBesideIt(String name, String part, @TempDir Path directory) throws IOException {
        var archive = Files.write(directory.resolve("kernel.zip"), resource(name + ".pt"));
        try (var zip = new ZipFile(archive.toFile())) {
            var entry = zip.stream()
                    .filter(each -> each.getName().endsWith("/extra/" + part))
                    .findFirst()
                    .orElseThrow();
            assertThat(zip.getInputStream(entry).readAllBytes()).isEqualTo(resource("/kernels/" + part));
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (var stream = ScriptedModule.class.getResourceAsStream("/dev/respec/model" + name)) {
            return Objects.requireNonNull(stream, name).readAllBytes();
        }
    }
}
