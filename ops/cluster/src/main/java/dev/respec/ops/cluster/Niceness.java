package dev.respec.ops.cluster;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * By how much a process gives way to others, as {@code nice -n} takes it. The command replaces itself with the process it
 * starts, so process id and standard input stay those of the child.
 */
record Niceness(int increment) {
    private static final Pattern PATH_SEPARATOR = Pattern.compile(Pattern.quote(File.pathSeparator));

    /** The command as it is to be started; unchanged on a system without {@code nice}. */
    List<String> of(List<String> command) {
        Optional<String> program = increment == 0 ? Optional.empty() : program();
        List<String> started = new ArrayList<>();
        program.ifPresent(nice -> started.addAll(List.of(nice, "-n", Integer.toString(increment))));
        started.addAll(command);
        return started;
    }

    private static Optional<String> program() {
        return Stream.ofNullable(System.getenv("PATH"))
                .flatMap(PATH_SEPARATOR::splitAsStream)
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "nice"))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }
}
