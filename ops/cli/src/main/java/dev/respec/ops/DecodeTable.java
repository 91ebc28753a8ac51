package dev.respec.ops;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.measure.DecodeBench;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** What {@code bench decode} prints. */
final class DecodeTable {
    private DecodeTable() {}

    static void showHeader() {
        System.out.printf(
                "%6s  %-24s  %9s  %10s  %8s  %8s  %9s  %8s  %10s%n",
                "batch",
                "setting",
                "tokens/s",
                "acceptance",
                "speed-up",
                "draft ms",
                "verify ms",
                "other ms",
                "sampling %");
    }

    static void show(DecodeBench.Row row) {
        System.out.printf(
                Locale.ROOT,
                "%6d  %-24s  %9.0f  %10.2f  %7.2fx  %8.2f  %9.2f  %8.2f  %10.1f%n",
                row.batch(),
                row.setting().equals(row.chosen()) ? row.setting() : row.setting() + " (" + row.chosen() + ")",
                row.tokensPerSecond(),
                row.acceptanceLength(),
                row.speedupOverOff(),
                row.draftMilliseconds(),
                row.verifyMilliseconds(),
                row.otherMilliseconds(),
                100 * row.verdictShare());
    }

    static void showMachine(DecodeBench.Result result) {
        var roofline = result.roofline();
        System.out.printf(
                Locale.ROOT,
                "%n%s, %.1f M parameters, %s, %s kernel, %d threads%nmemory %.1f GB/s, plain decoding at batch 1 reads"
                        + " weights at %.1f GB/s, %.0f %%; arithmetic %.0f GFLOP/s, plain decoding at the largest batch uses %.0f %%%n",
                result.model(),
                result.parameters() / 1e6,
                result.computeType(),
                result.kernel(),
                result.threads(),
                roofline.readGbPerSecond(),
                roofline.readGbPerSecond() * roofline.shareAtBatch1(),
                100 * roofline.shareAtBatch1(),
                roofline.gigaflops(),
                100 * roofline.shareAtLargestBatch());
    }

    static void showBounds(DecodeBench.Result result) {
        System.out.printf(
                "%n%6s  %-24s  %8s  %-24s  %8s  %s%n",
                "batch", "oracle", "speed-up", "best setting", "speed-up", "share");
        for (DecodeBench.OracleRow row : result.oracle()) {
            System.out.printf(
                    Locale.ROOT,
                    "%6d  %-24s  %7.2fx  %-24s  %7.2fx  %4.0f %%%n",
                    row.batch(),
                    row.length() + " tokens at a time",
                    row.speedup(),
                    row.bestSetting(),
                    row.bestSpeedup(),
                    100 * row.share());
        }
    }

    static void showPeers(DecodeBench.Result result, Path file) {
        JsonNode peers;
        try {
            peers = new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new BadInputException("--peers " + file + " cannot be read as JSON rows: " + e.getMessage(), e);
        }
        System.out.printf("%n%6s  %-24s  %9s  %s%n", "batch", "peer", "tokens/s", "plain decoding here is");
        for (JsonNode peer : peers) {
            int batch = peer.path("batch").asInt();
            double speed = peer.path("tokens_per_second").asDouble();
            result.rows().stream()
                    .filter(row -> row.batch() == batch && row.setting().equals("off"))
                    .forEach(row -> System.out.printf(
                            Locale.ROOT,
                            "%6d  %-24s  %9.0f  %.2fx%n",
                            batch,
                            peer.path("setting").asText(),
                            speed,
                            row.tokensPerSecond() / speed));
        }
    }
}
