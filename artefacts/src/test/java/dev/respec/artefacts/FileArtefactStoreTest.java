package dev.respec.artefacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.schemas.ArtefactFile;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.BadInputException;
import dev.respec.topics.embedded.SampleEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileArtefactStoreTest {
    /** Of "abc", from FIPS 180-2. */
    private static final String ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @TempDir
    Path directory;

    private Path root;
    private Path weights;
    private FileArtefactStore store;

    @BeforeEach
    void prepare() throws IOException {
        root = directory.resolve("artefacts");
        weights = Files.createDirectory(directory.resolve("weights"));
        Files.writeString(weights.resolve("model.safetensors"), "abc");
        Files.writeString(weights.resolve("config.json"), "{}");
        store = new FileArtefactStore(root);
    }

    @Test
    void shouldFetchWhatWasPut() throws IOException {
        var stored = store.put("policy/000001", weights);

        assertThat(stored.files())
                .extracting(ArtefactFile::getName)
                .containsExactly("config.json", "model.safetensors");
        assertThat(stored.files().get(1)).isEqualTo(new ArtefactFile("model.safetensors", 3L, ABC));
        assertThat(stored.files()).extracting(ArtefactFile::getBytes).containsExactly(2L, 3L);
        assertThat(stored.uri()).startsWith("file:");
        var fetched = store.fetch(update(stored.uri(), stored.files()), directory.resolve("cache"));
        assertThat(fetched.resolve("model.safetensors")).hasContent("abc");
        try (var left = Files.list(root.resolve("policy"))) {
            assertThat(left).as("no temporary folder").hasSize(1);
        }
    }

    @Test
    void shouldReplaceWhatAnInterruptedStepLeftUnderTheName() throws IOException {
        store.put("policy/1", weights);
        Files.writeString(weights.resolve("model.safetensors"), "abcd");

        var stored = store.put("policy/1", weights);

        assertThat(store.fetch(update(stored.uri(), stored.files()), directory).resolve("model.safetensors"))
                .hasContent("abcd");
    }

    @Test
    void shouldNameTheFileThatIsNotWhatItsEventSays() throws IOException {
        var stored = store.put("policy/1", weights);
        var update = update(stored.uri(), stored.files());
        var model = root.resolve("policy/1/model.safetensors");

        Files.writeString(model, "abd");
        assertThatThrownBy(() -> store.fetch(update, directory))
                .isInstanceOf(ArtefactException.class)
                .hasMessageStartingWith("artefact POLICY version 1: " + model + " has SHA-256 ");

        Files.writeString(model, "ab");
        assertThatThrownBy(() -> store.fetch(update, directory))
                .hasMessage("artefact POLICY version 1: %s has bytes 2, its event says 3".formatted(model));

        Files.delete(model);
        assertThatThrownBy(() -> store.fetch(update, directory))
                .hasMessage("artefact POLICY version 1: no file " + model);
    }

    @Test
    void shouldTakeNothingThatRunsCode() throws IOException {
        Files.writeString(weights.resolve("pytorch_model.bin"), "pickle");

        assertThatThrownBy(() -> store.put("policy/1", weights))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("pytorch_model.bin")
                .hasMessageContaining("only *.safetensors and *.json");
        assertThat(root.resolve("policy/1")).doesNotExist();
    }

    @Test
    void shouldStayBelowItsRoot() throws IOException {
        var outside = Files.writeString(directory.resolve("secret.json"), "{}");
        var file = List.of(new ArtefactFile("secret.json", 2L, ABC));

        assertThatThrownBy(() -> store.put("../elsewhere", weights)).isInstanceOf(BadInputException.class);
        for (String uri : List.of(directory.toUri().toString(), root.toUri() + "../", "http://host/x", "not a uri")) {
            assertThatThrownBy(() -> store.fetch(update(uri, file), directory)).isInstanceOf(BadInputException.class);
        }
        for (String name : List.of("../secret.json", "/etc/x.json", ".hidden.json", "a/b.json")) {
            var update = update(root.resolve("p").toUri().toString(), List.of(new ArtefactFile(name, 2L, ABC)));
            assertThatThrownBy(() -> store.fetch(update, directory)).isInstanceOf(BadInputException.class);
        }
        assertThat(outside).exists();
    }

    @Test
    void shouldNotFollowALink() throws IOException {
        var stored = store.put("policy/1", weights);
        var model = root.resolve("policy/1/model.safetensors");
        Files.delete(model);
        Files.createSymbolicLink(model, weights.resolve("model.safetensors"));

        assertThatThrownBy(() -> store.fetch(update(stored.uri(), stored.files()), directory))
                .isInstanceOf(ArtefactException.class);
    }

    @Test
    void shouldDelete() {
        store.put("policy/1", weights);

        store.delete("policy/1");
        store.delete("policy/1");

        assertThat(root.resolve("policy/1")).doesNotExist();
        assertThatThrownBy(() -> store.delete("")).isInstanceOf(BadInputException.class);
    }

    private static WeightUpdate update(String uri, List<ArtefactFile> files) {
        return SampleEvents.policyUpdate("run", 1, uri, files).build();
    }
}
