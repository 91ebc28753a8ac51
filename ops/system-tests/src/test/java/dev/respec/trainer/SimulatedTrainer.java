package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.simulation.SimulatedCluster;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SourceOffsets;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.config.SamplingSection;
import dev.respec.topics.Event;
import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.admission.AdmissionBound;
import dev.respec.trainer.admission.AdmissionState;
import dev.respec.trainer.admission.Ticket;
import dev.respec.trainer.assembly.Cursor;
import dev.respec.trainer.assembly.GroupAssembler;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.checkpoint.TrainerState;
import dev.respec.trainer.curriculum.CurriculumRules;
import dev.respec.trainer.curriculum.PromptDraws;
import dev.respec.trainer.inflight.InFlightRequests;
import dev.respec.trainer.inflight.Patience;
import dev.respec.trainer.loss.AdvantageKind;
import dev.respec.trainer.loss.OverlongRule;
import dev.respec.trainer.update.RowRules;
import dev.respec.trainer.update.StepRows;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The trainer's own admission, assembly, judgement and accounting, without a model and over a simulated log. */
public final class SimulatedTrainer {
    private static final int KEPT_ARTEFACTS = 2;
    /** Short, because a life of the simulated trainer is: many a worker is taken for dead although it lives. */
    private static final Patience PATIENCE =
            new Patience(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3));

    private static final Duration LONGEST_ROUND = Duration.ofMillis(500);

    private final SimulatedCluster cluster;
    private final AdmissionBound bound;
    private final StepGroups.Rules rules;
    private final RequestCodec codec;
    private final SimulatedPrompts data;
    private final @Nullable CurriculumRules curriculum;
    private final Duration requestTimeout;
    private final long steps;

    /** What the trainer has on disk. */
    private record Checkpoint(TrainerState state, WeightUpdate update, Optional<TrainingStep> step) {}

    private Optional<Checkpoint> disk = Optional.empty();

    /** One life; null before the first and after a crash. */
    private Optional<Life> life = Optional.empty();

    /** A trainer of {@code steps} steps. */
    public SimulatedTrainer(SimulatedCluster cluster, int groupsPerStep, int groupSize, int maxStaleness, long steps) {
        this.cluster = cluster;
        this.steps = steps;
        // half of the runs must recover what is lost without the help of a timeout
        this.requestTimeout =
                cluster.random.nextBoolean() ? Duration.ofDays(1) : Duration.ofSeconds(5 + cluster.random.nextInt(40));
        int attempts = cluster.random.nextBoolean() ? 2 : 1000;
        this.bound = new AdmissionBound(groupsPerStep, maxStaleness, steps * groupsPerStep, attempts);
        this.rules = new StepGroups.Rules(groupsPerStep, groupSize, maxStaleness, sampling(groupsPerStep, groupSize));
        this.data = new SimulatedPrompts(2 + cluster.random.nextInt(20));
        this.curriculum = cluster.random.nextBoolean() ? null : curriculum();
        this.codec = new RequestCodec(SimulatedCluster.RUN, groupSize, new SamplingSection(1, 1, 0, 8), 1);
    }

    /** Half of the runs set groups aside; all rewards of a group of one are equal. */
    private DynamicSampling sampling(int groupsPerStep, int groupSize) {
        if (groupSize == 1 || cluster.random.nextBoolean()) {
            return DynamicSampling.OFF;
        }
        var rows = new RowRules(groupSize, AdvantageKind.GROUP, new OverlongRule.Keep(), RowRules.ZeroVariance.DROP);
        return new DynamicSampling(
                group -> StepRows.teaches(group, rows),
                groupsPerStep * (1 + cluster.random.nextInt(3)),
                cluster.random.nextBoolean() ? DynamicSampling.AtLimit.TRAIN : DynamicSampling.AtLimit.CARRY_ON);
    }

    private CurriculumRules curriculum() {
        var unseen = cluster.random.nextBoolean() ? CurriculumRules.Unseen.FIRST : CurriculumRules.Unseen.NEUTRAL;
        return new CurriculumRules(1 + cluster.random.nextInt(3), 1, 0.1, unseen, cluster.random.nextLong());
    }

    public boolean finished() {
        return disk.map(checkpoint -> checkpoint.state().step() == steps).orElse(false) && life.isPresent();
    }

    public void crash() {
        life = Optional.empty();
    }

    /** A small part of the trainer's loop. */
    public void step() {
        if (life.isEmpty()) {
            life = Optional.of(new Life(startOrResume()));
        } else if (!finished()) {
            life.get().step();
        }
    }

    private Checkpoint startOrResume() {
        if (disk.isEmpty()) {
            cluster.artefacts.add(uri(0));
            cluster.mayDie(0.1);
            Map<Integer, Long> beginnings = new HashMap<>();
            for (int partition = 0; partition < cluster.scored.partitionCount(); partition++) {
                beginnings.put(partition, 0L);
            }
            var state = TrainerState.initial(SimulatedCluster.RUN, Cursor.at(beginnings));
            disk = Optional.of(new Checkpoint(state, update(0, 0, List.of()), Optional.empty()));
            cluster.mayDie(0.1);
        }
        Checkpoint checkpoint = disk.orElseThrow();
        cluster.artefacts.add(uri(checkpoint.update().getVersion()));
        long version = cluster.weights.all().stream()
                .mapToLong(event -> event.requireValue().getVersion())
                .max()
                .orElse(-1);
        long step = cluster.steps.all().stream()
                .mapToLong(event -> event.requireValue().getStep())
                .max()
                .orElse(-1);
        Unsent unsent = Unsent.of(checkpoint.state().step(), checkpoint.update().getVersion(), version, step);
        assertThat(unsent.ahead()).as("topics are ahead of the checkpoint").isFalse();
        announce(checkpoint, unsent);
        return checkpoint;
    }

    private void announce(Checkpoint checkpoint, Unsent unsent) {
        cluster.mayDie(0.05);
        if (unsent.weightUpdate()) {
            cluster.weights.append("policy", checkpoint.update(), cluster.now());
        }
        if (unsent.trainingStep()) {
            checkpoint.step().ifPresent(step -> cluster.steps.append(SimulatedCluster.RUN, step, cluster.now()));
        }
        cluster.mayDie(0.05);
    }

    private static String uri(long version) {
        return "policy/" + version;
    }

    private WeightUpdate update(long version, long step, List<SourceOffsets> sources) {
        return WeightUpdate.newBuilder()
                .setRunId(SimulatedCluster.RUN)
                .setRole(WeightRole.POLICY)
                .setVersion(version)
                .setBaseVersion(Math.max(0, version - 1))
                .setFormat(WeightFormat.FULL)
                .setUri(uri(version))
                .setFiles(List.of())
                .setStep(step)
                .setPolicyVersion(version)
                .setSourceOffsets(sources)
                .setMetrics(Map.of())
                .setPublishedAt(cluster.now())
                .build();
    }

    private final class Life {
        private final Admission admission;
        private final RequestBook book;
        private final PromptDraws prompts;
        private final InFlightRequests inFlight = new InFlightRequests(PATIENCE);
        private final GroupAssembler assembler;
        private final Map<Integer, Long> endsAtStart = new HashMap<>();
        private Instant attendedUntil = cluster.now();
        private long statusOffset;
        private final Map<Integer, Long> positions;
        private long requestOffset;
        private long done;
        private WeightUpdate inForce;
        private StepGroups groups;

        Life(Checkpoint checkpoint) {
            TrainerState state = checkpoint.state();
            done = state.step();
            inForce = checkpoint.update();
            admission = new Admission(bound, state.admission(), position -> "p" + position);
            book = new RequestBook(admission, cluster.now());
            prompts = new PromptDraws(data, curriculum, state.curriculum(), state.admission());
            assembler = new GroupAssembler(cluster.scored.name(), SimulatedCluster.RUN, state.cursor());
            positions = new HashMap<>(state.cursor().offsets());
            requestOffset = state.requestOffsets().getOrDefault(0, 0L);
            List<Ticket> published = cluster.requests.all(0, requestOffset).stream()
                    .map(event -> codec.ticket(event.requireValue()))
                    .toList();
            book.recover(published, cluster.now());
            cluster.requests.all(0, requestOffset).forEach(event -> {
                var request = event.requireValue();
                prompts.recover(codec.ticket(request).promptPosition(), request.getPromptId());
                inFlight.published(request, OptionalLong.empty());
            });
            admission.awaited().forEach(this::makeAgain);
            requestOffset = cluster.requests.end(0);
            positions.keySet().forEach(this::noteEnd);
            statusOffset = Math.max(0, cluster.statuses.end(0) - cluster.random.nextInt(60));
            groups = new StepGroups(admission, rules, inForce.getVersion());
        }

        void step() {
            cluster.mayDie(0.01);
            follow();
            if (groups.full()) {
                train();
                return;
            }
            Optional<ScoredGroup> next = assembler.take();
            if (next.isPresent()) {
                groups.judge(next.get());
                return;
            }
            read();
            book.overdue(cluster.now(), requestTimeout).forEach(index -> groups.giveUp(codec.requestId(index), index));
            admit();
        }

        /** One past the last event: a real reader goes past markers and aborted records by itself. */
        private void noteEnd(int partition) {
            var events = cluster.scored.all(partition, 0);
            endsAtStart.put(
                    partition,
                    events.isEmpty() ? 0 : events.get(events.size() - 1).offset() + 1);
        }

        private void makeAgain(long requestIndex) {
            inFlight.published(request(admission.ticket(requestIndex)), OptionalLong.empty());
        }

        private RolloutRequest request(Ticket ticket) {
            return codec.request(ticket, prompts.at(ticket.promptPosition()), inForce.getVersion(), cluster.now());
        }

        /** The thread that reads the workers' statuses; now and then it is not scheduled. */
        private void follow() {
            if (cluster.fails(0.3)) {
                return;
            }
            cluster.statuses.all(0, statusOffset).forEach(event -> {
                inFlight.heard(event.requireValue());
                statusOffset = event.offset() + 1;
            });
            var elapsed = Duration.between(attendedUntil, cluster.now());
            attendedUntil = cluster.now();
            inFlight.attend(elapsed.compareTo(LONGEST_ROUND) > 0 ? LONGEST_ROUND : elapsed);
            settle();
            for (var repeat : inFlight.due()) {
                cluster.mayDie(0.05);
                var event = cluster.requests.append(repeat.request().getRequestId(), repeat.request(), cluster.now());
                inFlight.repeated(repeat.request().getRequestId(), event.offset());
                cluster.mayDie(0.05);
            }
        }

        private void settle() {
            inFlight.retain(admission.awaited().stream().map(codec::requestId).collect(Collectors.toSet()));
        }

        private void read() {
            positions.replaceAll((partition, position) -> {
                long next = position;
                for (var event : cluster.scored.read(partition, position, cluster.random)) {
                    assembler.add(partition, event.offset(), event.timestamp(), event.requireValue());
                    inFlight.answered(event.requireValue().getRequestId());
                    next = event.offset() + 1;
                }
                return next;
            });
            if (endsAtStart.entrySet().stream()
                    .allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue())) {
                inFlight.resultsKnown();
            }
        }

        /** All requests of the batch are in the topic or none is, whenever the process dies. */
        private void admit() {
            List<Ticket> tickets = book.admit(done, cluster.now());
            boolean nothingLeftOut =
                    bound.mostAttempts() > 2 && !rules.sampling().enabled();
            if (nothingLeftOut || !tickets.isEmpty()) {
                assertThat(admission.inFlight() + admission.accepted())
                        .as("in flight and accepted after step %d", done)
                        .isLessThanOrEqualTo(bound.limit(done));
            }
            if (tickets.isEmpty()) {
                return;
            }
            cluster.mayDie(0.05);
            List<Event<RolloutRequest>> sent = new ArrayList<>();
            for (Ticket ticket : tickets) {
                var request = request(ticket);
                sent.add(cluster.requests.append(request.getRequestId(), request, cluster.now()));
            }
            cluster.requests.skip(0, 1);
            cluster.mayDie(0.05);
            requestOffset = cluster.requests.end(0) - 1;
            sent.forEach(event -> inFlight.published(event.requireValue(), OptionalLong.of(event.offset())));
        }

        private void train() {
            long next = done + 1;
            if (next == steps) {
                groups.giveUpRest(codec::requestId);
            }
            // one step in four has groups of equal rewards only
            boolean signal = cluster.random.nextInt(4) > 0;
            long version = inForce.getVersion() + (signal ? 1 : 0);
            var collected = groups.collected();
            cluster.mayDie(0.05);
            if (signal) {
                cluster.artefacts.add(uri(version));
            }
            cluster.mayDie(0.05);
            prompts.endStep(collected.answered(), admission.state());
            var account = StepAccount.close(
                    SimulatedCluster.RUN, next, assembler, admission, prompts.state(), Map.of(0, requestOffset));
            var step = TrainingStep.newBuilder()
                    .setRunId(SimulatedCluster.RUN)
                    .setRole(WeightRole.POLICY)
                    .setStep(next)
                    .setVersion(version)
                    .setSourceOffsets(account.sources())
                    .setRequestIds(new ArrayList<>(collected.groups().stream()
                            .map(ScoredGroup::requestId)
                            .toList()))
                    .setDroppedRequestIds(collected.dropped())
                    .setMetrics(Map.of())
                    .setPhases(Map.of())
                    .setStartedAt(cluster.now())
                    .setFinishedAt(cluster.now())
                    .build();
            requireEveryPromptOnce(account.state().admission());
            inForce = signal ? update(version, next, account.sources()) : inForce;
            Checkpoint checkpoint = new Checkpoint(account.state(), inForce, Optional.of(step));
            disk = Optional.of(checkpoint);
            announce(checkpoint, new Unsent(signal, true, false));
            cluster.artefacts.remove(uri(version - KEPT_ARTEFACTS));
            done = next;
            groups = new StepGroups(admission, rules, inForce.getVersion());
        }

        /** Every prompt handed out so far is trained on, set aside, waits, or was given up. */
        private void requireEveryPromptOnce(AdmissionState state) {
            assertThat(state.accepted()
                            + state.inFlight().size()
                            - state.superseded().size()
                            + state.again().size()
                            + state.abandoned()
                            + state.setAside())
                    .as("prompts trained on, in flight, to be asked again, given up, set aside")
                    .isEqualTo(state.nextPosition());
        }
    }
}
