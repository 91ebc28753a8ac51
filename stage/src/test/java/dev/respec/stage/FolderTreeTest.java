package dev.respec.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTreeTest {
    @TempDir
    Path folder;

    @Test
    void shouldDeleteAFolderButNotWhatItsLinksPointTo() throws IOException {
        Path kept = Files.createDirectory(folder.resolve("kept"));
        Files.writeString(kept.resolve("file"), "kept");
        Path tree = folder.resolve("tree");
        Files.createDirectories(tree.resolve("inner"));
        Files.writeString(tree.resolve("inner/file"), "gone");
        Files.createSymbolicLink(tree.resolve("link"), kept);

        FolderTree.delete(tree);

        assertThat(tree).doesNotExist();
        assertThat(kept.resolve("file")).hasContent("kept");
    }

    @Test
    void shouldIgnoreAFolderThatIsMissing() throws IOException {
        FolderTree.delete(folder.resolve("missing"));

        assertThat(folder).isEmptyDirectory();
    }
}
