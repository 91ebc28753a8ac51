package dev.respec.stage.config;

public record HttpSection(String bind, int port, Metrics metrics) {
    /** Which metrics are served; docs/METRICS.md names the selection. */
    public enum Metrics {
        SELECTED,
        ALL
    }

    public HttpSection {
        InvalidValue.require(!bind.isBlank(), "bind", bind, "an address");
        requirePort("port", port);
    }

    static void requirePort(String key, int port) {
        InvalidValue.require(port >= 0 && port <= 65535, key, port, "a port from 0 to 65535");
    }
}
