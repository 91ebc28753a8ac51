package dev.respec.speculation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.respec.schemas.SettingCodec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTest {
    @ParameterizedTest
    @CsvSource({
        "off, off, 0, 1, 0",
        "suffix:8, suffix, 8, 1, 8",
        "model:4, model, 4, 1, 4",
        "eagle3:16, eagle3, 16, 1, 16",
        "eagle3:4x3/12, eagle3, 4, 3, 12"
    })
    void shouldReadItsOwnText(String text, String drafter, int draftLength, int branching, int verifiedTokens) {
        Setting setting = Setting.parse(text);

        assertThat(setting).isEqualTo(new Setting(drafter, draftLength, branching, verifiedTokens));
        assertThat(setting).hasToString(text);
        assertThat(SettingCodec.of(SettingCodec.toAvro(setting))).isEqualTo(setting);
        assertThat(SettingCodec.text(SettingCodec.toAvro(setting))).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "eagle3",
                "eagle3:0",
                "eagle3/4x3/12",
                "eagle3 4x3/12",
                "eagle3-4x3/12",
                "suffix:4x3/12",
                "other:4",
                "off:0",
                "eagle3:4x3",
                "eagle3:4x3/2",
                "eagle3:-1"
            })
    void shouldRefuseOtherText(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Setting.parse(text));
    }

    @Test
    void shouldShareAcceptanceByFamily() {
        assertThat(Setting.parse("eagle3:2").family())
                .isEqualTo(Setting.parse("eagle3:8").family());
        assertThat(Setting.parse("eagle3:4x3/12").family())
                .isNotEqualTo(Setting.parse("eagle3:4x3/16").family());
    }
}
