package dev.respec.model.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CompiledKernelTest {
    @ParameterizedTest
    @MethodSource("dev.respec.model.kernels.KernelFiles#kernels")
    void shouldBeCompiledFromTheSourceBesideIt(String name, @TempDir Path directory) throws IOException {
        var archive = Files.write(directory.resolve("kernel.zip"), KernelFiles.read(name + ".pt"));
        try (var zip = new ZipFile(archive.toFile())) {
            var entry = zip.stream()
                    .filter(each -> each.getName().endsWith("/extra/source.py"))
                    .findFirst()
                    .orElseThrow();
            assertThat(zip.getInputStream(entry).readAllBytes()).isEqualTo(KernelFiles.read(name + ".py"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/dev/respec/model/kernels/decoder, matrices.py",
        "/dev/respec/model/eagle3/eagle3, matrices.py",
        "/dev/respec/model/kernels/trainable, layer_pass.py"
    })
    void shouldHoldThePartsOfTheSourceBesideIt(String name, String part, @TempDir Path directory) throws IOException {
        var archive = Files.write(directory.resolve("kernel.zip"), KernelFiles.read(name + ".pt"));
        try (var zip = new ZipFile(archive.toFile())) {
            var entry = zip.stream()
                    .filter(each -> each.getName().endsWith("/extra/" + part))
                    .findFirst()
                    .orElseThrow();
            assertThat(zip.getInputStream(entry).readAllBytes())
                    .isEqualTo(KernelFiles.read("/dev/respec/model/kernels/" + part));
        }
    }
}
