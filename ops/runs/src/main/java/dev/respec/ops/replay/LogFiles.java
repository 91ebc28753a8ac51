package dev.respec.ops.replay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files in which a broker of this machine keeps a topic. */
final class LogFiles {
    private LogFiles() {}

    /**
     * Names and lengths of a topic's segments. A log is only appended to, so two equal states hold the same records.
     *
     * @param broker folder of the broker's data
     * @return empty if the folder does not have the topic
     */
    static String state(Path broker, String topicName) {
        if (!Files.isDirectory(broker)) {
            return "";
        }
        Pattern partition = Pattern.compile(Pattern.quote(topicName) + "-\\d+");
        try (Stream<Path> folders = Files.list(broker)) {
            List<Path> partitions = folders.filter(folder ->
                            partition.matcher(folder.getFileName().toString()).matches())
                    .sorted()
                    .toList();
            return partitions.stream().map(LogFiles::segments).collect(Collectors.joining("; "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String segments(Path partition) {
        try (Stream<Path> files = Files.list(partition)) {
            return partition.getFileName()
                    + files.filter(file -> file.toString().endsWith(".log"))
                            .sorted()
                            .map(file -> " " + file.getFileName() + "="
                                    + file.toFile().length())
                            .collect(Collectors.joining());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
