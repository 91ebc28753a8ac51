package dev.respec.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompanionFilesTest {
    @TempDir
    private Path folder;

    @Test
    void shouldCarryTemplatesTokenizerDefaultsAndLicenceAlong() throws IOException {
        // Given a directory with everything that is published beside weights
        var carried = List.of(
                "LICENSE",
                "USE_POLICY.md",
                "added_tokens.json",
                "additional_chat_templates/tool_use.jinja",
                "chat_template.jinja",
                "chat_template.json",
                "generation_config.json",
                "merges.txt",
                "preprocessor_config.json",
                "special_tokens_map.json",
                "tokenizer.json",
                "tokenizer.model",
                "tokenizer_config.json",
                "vocab.json");
        var left = List.of(
                "config.json", "model.safetensors", "model.safetensors.index.json", "optimiser.bin", "README.md");
        Path source = Files.createDirectory(folder.resolve("source"));
        Files.createDirectory(source.resolve("additional_chat_templates"));
        for (var name : List.of(carried, left)) {
            for (var file : name) {
                Files.writeString(source.resolve(file), "the content of " + file);
            }
        }
        Path target = Files.createDirectory(folder.resolve("target"));

        CompanionFiles.copy(source, target);
        CompanionFiles.copy(target, target);

        assertThat(files(target)).containsExactlyElementsOf(carried);
        assertThat(target.resolve("chat_template.jinja")).hasContent("the content of chat_template.jinja");
    }

    @Test
    void shouldNameBothFoldersIfAFileCannotBeCopied() {
        assertThatThrownBy(() -> CompanionFiles.copy(folder.resolve("nowhere"), folder))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("nowhere: its tokenizer and templates cannot be copied to " + folder);
    }

    private static TreeSet<String> files(Path root) throws IOException {
        var names = new TreeSet<String>();
        try (var files = Files.walk(root)) {
            files.filter(Files::isRegularFile)
                    .forEach(file -> names.add(root.relativize(file).toString()));
        }
        return names;
    }
}
