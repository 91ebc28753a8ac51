package dev.respec.scorer.reward;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The reward functions of this process by name: those on the class path, those of a folder of jars and further ones. */
public final class RewardFunctions implements AutoCloseable {
    private final Map<String, RewardFunction> byName;

    private RewardFunctions(Map<String, RewardFunction> byName) {
        this.byName = Map.copyOf(byName);
    }

    /**
     * These and no others.
     *
     * @throws RewardFunctionException if two share a name
     */
    public static RewardFunctions of(Iterable<RewardFunction> functions) {
        var byName = new TreeMap<String, RewardFunction>();
        for (RewardFunction function : functions) {
            RewardFunction other = byName.putIfAbsent(function.name(), function);
            if (other != null && other.getClass() != function.getClass()) {
                throw new RewardFunctionException(
                        "two reward functions are named '%s': %s and %s; rename one or remove its jar from scorer.reward-jars"
                                .formatted(function.name(), describe(other), describe(function)));
            }
        }
        return new RewardFunctions(byName);
    }

    /** Those on the class path. */
    public static RewardFunctions installed() {
        return load(RewardFunctions.class.getClassLoader());
    }

    /**
     * Those on the class path and in the jars of {@code folder}; its classes stay loaded as long as the process.
     *
     * @throws RewardFunctionException if the folder cannot be read or a jar's class cannot be loaded
     */
    public static RewardFunctions installedAndIn(Path folder) {
        return load(new URLClassLoader(jars(folder), RewardFunctions.class.getClassLoader()));
    }

    /**
     * These besides.
     *
     * @throws RewardFunctionException if two share a name
     */
    public RewardFunctions and(Collection<? extends RewardFunction> more) {
        List<RewardFunction> all = new ArrayList<>(byName.values());
        for (RewardFunction function : more) {
            if (byName.containsKey(function.name())) {
                throw new RewardFunctionException(
                        "a reward function of scorer.reward-jars is named '%s' as one that ships: rename it"
                                .formatted(function.name()));
            }
            all.add(function);
        }
        return of(all);
    }

    private static RewardFunctions load(ClassLoader loader) {
        try {
            return of(ServiceLoader.load(RewardFunction.class, loader));
        } catch (ServiceConfigurationError | LinkageError e) {
            throw new RewardFunctionException(
                    "a reward function cannot be loaded: %s; its class needs a public constructor without arguments"
                            .formatted(e.getMessage()),
                    e);
        }
    }

    private static URL[] jars(Path folder) {
        requireFolder(folder);
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .map(RewardFunctions::url)
                    .toArray(URL[]::new);
        } catch (IOException e) {
            throw new RewardFunctionException("scorer.reward-jars: %s cannot be read: %s".formatted(folder, e), e);
        }
    }

    /** @throws RewardFunctionException if it is not a folder */
    public static void requireFolder(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new RewardFunctionException(
                    "scorer.reward-jars: %s is not a folder; name a folder of jars, or leave it empty"
                            .formatted(folder));
        }
    }

    private static URL url(Path file) {
        try {
            return file.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String describe(RewardFunction function) {
        var source = function.getClass().getProtectionDomain().getCodeSource();
        return source == null
                ? function.getClass().getName()
                : "%s in %s".formatted(function.getClass().getName(), source.getLocation());
    }

    public Optional<RewardFunction> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public SortedSet<String> names() {
        return new TreeSet<>(byName.keySet());
    }

    /** Ends the processes of those that have some. */
    @Override
    public void close() {
        byName.values().forEach(function -> {
            if (function instanceof SlowReward slow) {
                slow.close();
            }
        });
    }
}
