package dev.respec.ops.paper.decoding;

import dev.respec.ops.paper.experiment.JsonFile;
import dev.respec.ops.paper.experiment.TimeLimit;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/** A measurement in a file of its own: made once, read after that. */
record KeptMeasurement<T>(Path file, Class<T> type) {
    /** Empty if the file is not there and the time does not allow the measurement. */
    Optional<T> get(TimeLimit limit, double expectedSeconds, Supplier<T> measurement) {
        try {
            if (Files.exists(file)) {
                return Optional.of(JsonFile.read(file, type));
            }
            if (!limit.allows(expectedSeconds)) {
                return Optional.empty();
            }
            Files.createDirectories(file.toAbsolutePath().getParent());
            T result = measurement.get();
            JsonFile.write(file, result);
            return Optional.of(result);
        } catch (IOException e) {
            throw new BadInputException(
                    "%s cannot be read or written (%s): delete it to measure again"
                            .formatted(file, BadInputException.firstLine(e)),
                    e);
        } catch (UncheckedIOException e) {
            throw new BadInputException(String.valueOf(e.getMessage()), e);
        }
    }
}
