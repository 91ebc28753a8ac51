package dev.respec.scorer.code;

import dev.respec.stage.config.RewardSection.Code;
import java.util.Locale;
import java.util.Set;

/** What programs are written in. */
enum Language {
    PYTHON(Code.PYTHON, Set.of("python", "python3", "py")),
    JAVA(Code.JAVA, Set.of("java"));

    private final String text;
    private final Set<String> fenceNames;

    Language(String text, Set<String> fenceNames) {
        this.text = text;
        this.fenceNames = fenceNames;
    }

    /** As configuration and data say it. */
    String text() {
        return text;
    }

    /** Words after the opening marks of a fenced block. */
    Set<String> fenceNames() {
        return fenceNames;
    }

    /** @throws IllegalArgumentException if there is no such language */
    static Language named(String name) {
        for (Language language : values()) {
            if (language.fenceNames.contains(name.strip().toLowerCase(Locale.ROOT))) {
                return language;
            }
        }
        throw new IllegalArgumentException("language is '%s', expected python or java".formatted(name));
    }
}
