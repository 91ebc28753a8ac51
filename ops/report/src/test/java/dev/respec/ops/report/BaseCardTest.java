package dev.respec.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseCardTest {
    @TempDir
    private Path folder;

    @Test
    void shouldTakeTheLicenceOfTheCardsHeader() throws IOException {
        write("---\r\nlibrary_name: transformers\r\nlicense: apache-2.0\r\n---\r\n# Model\nlicense: none\n");

        assertThat(BaseCard.of(folder).licence()).isEqualTo("apache-2.0");
    }

    @Test
    void shouldTakeTheFirstOfSeveral() throws IOException {
        write("---\nlicense:\n- mit\n- other\n---\n");

        assertThat(BaseCard.of(folder).licence()).isEqualTo("mit");
    }

    @Test
    void shouldNotGuessALicence() throws IOException {
        assertThat(BaseCard.of(folder).licence()).isEqualTo("unknown");
        write("# Model\n\nlicense: apache-2.0\n");
        assertThat(BaseCard.of(folder).licence()).isEqualTo("unknown");
        write("---\n: - { not yaml\n---\n");
        assertThat(BaseCard.of(folder).licence()).isEqualTo("unknown");
        Files.write(folder.resolve("README.md"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThat(BaseCard.of(folder).licence()).isEqualTo("unknown");
    }

    @Test
    void shouldTakeTheHubsNameButNoFolder() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"_name_or_path\": \"Qwen/Qwen2.5-0.5B\"}");
        assertThat(BaseCard.of(folder).hubName()).contains("Qwen/Qwen2.5-0.5B");

        Files.writeString(folder.resolve("config.json"), "{\"_name_or_path\": \"/home/ann/models/mine\"}");
        assertThat(BaseCard.of(folder).hubName()).isEmpty();
        Files.writeString(folder.resolve("config.json"), "{\"_name_or_path\": \"./mine\"}");
        assertThat(BaseCard.of(folder).hubName()).isEmpty();
    }

    private void write(String card) throws IOException {
        Files.writeString(folder.resolve("README.md"), card);
    }
}
