package dev.respec.ops.measure;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.generation.Evaluation.Answer;
import dev.respec.scorer.RewardOutcome;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A JSON Lines file of answers: one object per answer, in the order in which they end. */
public final class AnswerFile implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Writer writer;

    private AnswerFile(Path file, Writer writer) {
        this.file = file;
        this.writer = writer;
    }

    /** @throws BadInputException if the file cannot be written */
    public static AnswerFile create(Path file) {
        try {
            return new AnswerFile(file, Files.newBufferedWriter(file));
        } catch (IOException e) {
            throw new BadInputException(
                    "--out %s cannot be written: %s: name a file in a folder that exists"
                            .formatted(file, e.getClass().getSimpleName()),
                    e);
        }
    }

    /** @param mode {@code sampled} or {@code greedy} */
    public void write(String mode, Answer answer, RewardOutcome outcome) {
        ObjectNode line = JSON.createObjectNode()
                .put("id", answer.question().id())
                .put("mode", mode)
                .put("sample", answer.sample())
                .put("prompt", answer.question().prompt())
                .put("response", answer.response())
                .put("answer", answer.question().answer())
                .put("task", answer.question().task())
                .put("reward", outcome.reward().value());
        line.set("reward_parts", JSON.valueToTree(outcome.reward().parts()));
        line.put("reward_error", outcome.error());
        line.put("finish_reason", answer.stopped() ? "stop" : "length").put("tokens", answer.tokens());
        try {
            writer.write(line.toString());
            writer.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
