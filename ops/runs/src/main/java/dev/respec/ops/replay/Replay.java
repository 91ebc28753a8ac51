package dev.respec.ops.replay;

import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.replay.RunExport.Exported;
import dev.respec.ops.replay.RunExport.Format;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.LogRange;
import dev.respec.topics.RecordedLog;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One replay of a run: what is chosen, and where it goes. */
public final class Replay {
    private static final Duration REACH_TIMEOUT = Duration.ofSeconds(10);

    private final OpenRun run;
    private final List<Topic<?>> topics;
    private final LogRange range;
    private final Selection selection;

    /**
     * Chooses.
     *
     * @param requestIds null for all
     * @throws BadInputException if the run has none of the steps
     */
    public Replay(
            OpenRun run,
            List<Topic<?>> topics,
            LogRange range,
            @Nullable NumberSpan policyVersions,
            @Nullable Set<String> requestIds,
            @Nullable NumberSpan steps) {
        this.run = run;
        this.topics = List.copyOf(topics);
        this.range = range;
        StepSpan span = steps == null
                ? null
                : StepSpan.of(
                        steps,
                        run.events().readAll(TopicCatalogue.TRAINING_STEPS).stream()
                                .map(Event::requireValue)
                                .filter(step -> step.getRunId().equals(run.runId()))
                                .toList());
        this.selection = new Selection(run.runId(), policyVersions, requestIds, span);
    }

    /**
     * Writes files.
     *
     * @param output file of one topic, folder of several; null for standard output
     */
    public void export(@Nullable Path output, Format format, TokenText text, TransferProgress progress) {
        RunExport export = new RunExport(run.events(), range, selection, text, progress);
        if (output == null) {
            report(progress, topics.get(0), "standard output", toStandardOutput(export));
            return;
        }
        for (Topic<?> topic : topics) {
            Path file = topics.size() == 1 ? output : output.resolve(topic.name() + format.ending());
            report(progress, topic, file.toString(), export.toFile(topic, format, file));
        }
    }

    private Exported toStandardOutput(RunExport export) {
        try (OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16)) {
            return export.toStream(topics.get(0), out);
        } catch (IOException e) {
            throw new BadInputException("replay: standard output was closed before the end", e);
        }
    }

    /**
     * Sends the events again; creates the topics that are missing.
     *
     * @param target cluster to send to
     * @param name topic to send to; null for the events' own
     * @throws BadInputException if source and target are the same
     */
    public void send(RespecConfig target, @Nullable String name, ReplaySpeed speed, TransferProgress progress)
            throws InterruptedException {
        UnaryOperator<String> names = source -> name == null ? source : name;
        boolean sameCluster =
                target.kafka().bootstrapServers().equals(run.config().kafka().bootstrapServers());
        try (EventLog events = new EventLog(target.cluster(), "respec-replay")) {
            events.verifyReachable(REACH_TIMEOUT);
            for (Topic<?> topic : topics) {
                Topic<?> renamed = Republication.renamed(topic, names.apply(topic.name()));
                if (sameCluster && events.topicName(renamed).equals(run.events().topicName(topic))) {
                    throw new BadInputException("replay: topic %s would be sent to itself: give another --to-topic,"
                                    .formatted(events.topicName(renamed))
                            + " --to-prefix or --to-bootstrap-servers");
                }
                events.provisioner().create(renamed);
            }
            try (RecordedLog log = run.events().recorded(topics, range)) {
                long sent = new Republication(selection, speed, progress).run(log, events, names);
                progress.line(String.format(
                        Locale.ROOT,
                        "%,d events sent to %s%s",
                        sent,
                        target.kafka().bootstrapServers(),
                        leftOut(log.undecodable())));
            }
        }
    }

    private static void report(TransferProgress progress, Topic<?> topic, String where, Exported exported) {
        progress.line(String.format(
                Locale.ROOT,
                "%-18s %,10d records  %s%s",
                topic.name(),
                exported.records(),
                where,
                leftOut(exported.undecodable())));
    }

    private static String leftOut(long undecodable) {
        return undecodable == 0 ? "" : String.format(Locale.ROOT, " (%,d do not decode, left out)", undecodable);
    }
}
