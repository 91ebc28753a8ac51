package dev.respec.stage.config;

/**
 * Where {@code respec export} brings a run's metrics.
 *
 * @param tensorboard folder of event files; empty for none
 * @param mlflow address of a tracking server; empty for none
 * @param otlp address of a collector that takes OTLP over HTTP; empty for none
 */
public record MetricsSection(String tensorboard, String mlflow, String otlp) {
    public MetricsSection {
        HttpAddress.requireOrEmpty("mlflow", mlflow);
        HttpAddress.requireOrEmpty("otlp", otlp);
    }

    /** Where metrics are sent; only if {@link #otlp} is not empty. */
    public String otlpEndpoint() {
        return HttpAddress.withPath(otlp, "/v1/metrics");
    }

    /** Whether anything is exported. */
    public boolean any() {
        return !(tensorboard.isEmpty() && mlflow.isEmpty() && otlp.isEmpty());
    }
}
