package dev.respec.model.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** The scripted kernels of this module, as they lie in its resources. */
final class KernelFiles {
    private static final Path RESOURCES = Path.of("src", "main", "resources");

    private KernelFiles() {}

    /** Names of all kernels, such as {@code /dev/respec/model/kernels/decoder}. */
    static List<String> kernels() throws IOException {
        return names(".pt").stream()
                .map(name -> name.substring(0, name.length() - ".pt".length()))
                .toList();
    }

    /** Names of all sources, those of parts that kernels share included. */
    static List<String> sources() throws IOException {
        return names(".py");
    }

    private static List<String> names(String ending) throws IOException {
        try (var files = Files.walk(RESOURCES)) {
            return files.map(file -> "/" + RESOURCES.relativize(file))
                    .filter(name -> name.endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    static byte[] read(String name) throws IOException {
        try (var stream = ScriptedModule.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(stream, name).readAllBytes();
        }
    }
}
