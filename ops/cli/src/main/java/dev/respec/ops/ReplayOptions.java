package dev.respec.ops;

import dev.respec.ops.replay.NumberSpan;
import dev.respec.ops.replay.ReplaySpeed;
import dev.respec.stage.BadInputException;
import dev.respec.topics.LogRange;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** Which recorded events a command takes. */
final class ReplayOptions {
    @Option(
            names = "--topic",
            paramLabel = "NAME",
            description = "A topic of the catalogue; may be repeated. All topics if left out.")
    private List<String> topics = new ArrayList<>();

    @Option(
            names = "--offset",
            paramLabel = "A..B",
            converter = SpanConverter.class,
            description = "Only these offsets of each partition, both ends included.")
    private @Nullable NumberSpan offsets;

    @Option(names = "--partition", paramLabel = "N", description = "Only this partition.")
    private @Nullable Integer partition;

    @Option(
            names = "--since",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Only records of this time and later: 2026-01-31T10:15 (UTC), or with a zone.")
    private @Nullable Instant since;

    @Option(
            names = "--until",
            paramLabel = "TIME",
            converter = TimeConverter.class,
            description = "Only records before this time.")
    private @Nullable Instant until;

    @Option(
            names = "--policy-version",
            paramLabel = "A..B",
            converter = SpanConverter.class,
            description = "Only records that one of these policy versions produced.")
    @Nullable
    NumberSpan policyVersions;

    @Option(names = "--request", paramLabel = "ID", description = "Only this request's records; may be repeated.")
    private List<String> requests = new ArrayList<>();

    @Option(
            names = "--step",
            paramLabel = "A..B",
            converter = SpanConverter.class,
            description = "Only these training steps: the rollouts they trained on, and what was written meanwhile.")
    @Nullable
    NumberSpan steps;

    /** @throws BadInputException naming the topics that exist */
    List<Topic<?>> topics() {
        if (topics.isEmpty()) {
            return TopicCatalogue.all();
        }
        List<Topic<?>> chosen = new ArrayList<>();
        for (String name : topics) {
            chosen.add(TopicCatalogue.all().stream()
                    .filter(topic -> topic.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new BadInputException(
                            "--topic: there is no topic '%s': choose one of %s".formatted(name, topicNames()))));
        }
        return chosen;
    }

    private static String topicNames() {
        return TopicCatalogue.all().stream().map(Topic::name).collect(Collectors.joining(", "));
    }

    LogRange range() {
        Long from = offsets == null ? null : offsets.first();
        Long to = offsets == null || offsets.last() == Long.MAX_VALUE ? null : offsets.last() + 1;
        return new LogRange(partition, from, to, since, until);
    }

    @Nullable
    Set<String> requestIds() {
        return requests.isEmpty() ? null : new HashSet<>(requests);
    }

    static final class SpanConverter implements ITypeConverter<NumberSpan> {
        @Override
        public NumberSpan convert(String text) {
            try {
                return NumberSpan.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    static final class SpeedConverter implements ITypeConverter<ReplaySpeed> {
        @Override
        public ReplaySpeed convert(String text) {
            try {
                return ReplaySpeed.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    static final class TimeConverter implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return text.matches(".*T.*(Z|[+-]\\d\\d:\\d\\d)")
                        ? OffsetDateTime.parse(text).toInstant()
                        : LocalDateTime.parse(text.contains("T") ? text : text + "T00:00")
                                .toInstant(ZoneOffset.UTC);
            } catch (DateTimeParseException e) {
                throw new TypeConversionException(
                        "'%s' is not a time: write 2026-01-31, 2026-01-31T10:15 (UTC) or 2026-01-31T10:15:00+01:00"
                                .formatted(text));
            }
        }
    }
}
