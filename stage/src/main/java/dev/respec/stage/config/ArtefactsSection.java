package dev.respec.stage.config;

public record ArtefactsSection(String root, int keep) {
    public ArtefactsSection {
        InvalidValue.atLeast(2, "keep", keep);
    }
}
