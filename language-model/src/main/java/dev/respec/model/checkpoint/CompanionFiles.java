package dev.respec.model.checkpoint;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a checkpoint's directory carries beside configuration and weights: tokenizer, chat templates, sampling defaults and
 * licence. It goes along with every checkpoint that is made of it.
 */
final class CompanionFiles {
    private static final List<PathMatcher> NAMES = Stream.of(
                    "tokenizer*",
                    "*tokenizer*.json",
                    "special_tokens_map.json",
                    "added_tokens.json",
                    "vocab.{json,txt}",
                    "merges.txt",
                    "*.{model,tiktoken}",
                    "chat_template*",
                    "*.jinja",
                    "generation_config.json",
                    "{processor,preprocessor}_config.json",
                    "{LICENSE,LICENCE,NOTICE,USE_POLICY}*")
            .map(name -> FileSystems.getDefault().getPathMatcher("glob:" + name))
            .toList();
    private static final String MORE_TEMPLATES = "additional_chat_templates";

    private CompanionFiles() {}

    /** Copies them; a directory copied to itself stays as it is. */
    static void copy(Path source, Path target) {
        if (source.toAbsolutePath().normalize().equals(target.toAbsolutePath().normalize())) {
            return;
        }
        try {
            copyNamed(source, target);
            Path templates = source.resolve(MORE_TEMPLATES);
            if (Files.isDirectory(templates)) {
                copyNamed(templates, Files.createDirectories(target.resolve(MORE_TEMPLATES)));
            }
        } catch (IOException e) {
            throw new CheckpointException(
                    "%s: its tokenizer and templates cannot be copied to %s: %s"
                            .formatted(source, target, Safetensors.describe(e)),
                    e);
        }
    }

    private static void copyNamed(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                Path name = file.getFileName();
                if (Files.isRegularFile(file) && NAMES.stream().anyMatch(pattern -> pattern.matches(name))) {
                    Files.copy(file, target.resolve(name.toString()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }
}
