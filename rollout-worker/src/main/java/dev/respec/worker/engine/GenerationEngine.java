package dev.respec.worker.engine;

import dev.respec.model.Logits;
import dev.respec.model.TargetModel;
import dev.respec.model.TokenGrid;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.sampling.ChainVerifier;
import dev.respec.model.sampling.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Continuous batching over slots with speculative decoding.
 *
 * <p>Each {@link #step} admits, drafts, verifies in one target pass, accepts losslessly and retires. Plain decoding is
 * the setting "off" in the same loop. Sequences occupy slots 0 to n - 1 without gaps, in the order of the list.
 *
 * <p>INVARIANT: the cache of an active sequence of n tokens holds columns 0 to n - 2; its last token is the next input.
 *
 * <p>Owned by one thread.
 */
public final class GenerationEngine implements AutoCloseable {
    private final TargetModel target;
    private final Map<String, Drafter> drafters;
    private final Set<Integer> stopTokens;
    private final StepStatistics statistics;
    private final ChainVerifier verifier;
    private final Deque<SequenceRequest> waiting = new ArrayDeque<>();
    private final List<Sequence> active = new ArrayList<>();
    private final TokenGrid grid = new TokenGrid();
    private final Drafts drafts = new Drafts();
    private final List<CompletedSequence> finished = new ArrayList<>();

    private SettingTable settings = SettingTable.plain();
    private Setting lastSetting = Setting.OFF;
    private long policyVersion;
    private long nextKey;
    private long emittedTokens;
    private int slotLimit;

    /**
     * @param drafters by name; a setting that names none of them decodes plainly
     * @param stopTokens tokens that end a response
     */
    public GenerationEngine(
            TargetModel target,
            Collection<? extends Drafter> drafters,
            Collection<Integer> stopTokens,
            StepStatistics statistics) {
        this.target = target;
        this.drafters = new LinkedHashMap<>();
        drafters.forEach(drafter -> this.drafters.put(drafter.name(), drafter));
        this.stopTokens = Set.copyOf(stopTokens);
        this.statistics = statistics;
        this.verifier = new ChainVerifier(target.config().vocabularySize());
        this.slotLimit = target.slots();
    }

    /** Queues a completion; it starts when a slot is free. */
    public void submit(SequenceRequest request) {
        int room = target.capacity() - request.prompt().length;
        if (room < 1) {
            throw new IllegalArgumentException("request " + request.id() + ": its prompt of " + request.prompt().length
                    + " tokens leaves no room in a slot of " + target.capacity() + "; raise worker.capacity");
        }
        for (int token : request.prompt()) {
            if (token < 0 || token >= vocabularySize()) {
                throw new IllegalArgumentException("request " + request.id() + ": prompt token " + token
                        + " is outside the policy's vocabulary of " + vocabularySize()
                        + "; the tokenizer belongs to another model");
            }
        }
        SequenceRequest bounded = request.maxTokens() <= room
                ? request
                : new SequenceRequest(
                        request.id(), request.groupKey(), request.prompt(), request.sampling(), room, request.random());
        waiting.add(bounded);
    }

    /** Drops what the predicate names, waiting or active; the active ones are returned as cancelled. */
    public List<CompletedSequence> cancel(Predicate<SequenceRequest> which) {
        waiting.removeIf(which);
        List<CompletedSequence> cancelled = new ArrayList<>();
        for (int slot = active.size() - 1; slot >= 0; slot--) {
            if (which.test(active.get(slot).request())) {
                cancelled.add(active.get(slot).complete(CompletedSequence.Reason.CANCELLED, System.nanoTime()));
                vacate(slot);
            }
        }
        return cancelled;
    }

    public void use(SettingTable table) {
        settings = table;
    }

    public SettingTable settings() {
        return settings;
    }

    /** Setting of the last step. */
    public Setting lastSetting() {
        return lastSetting;
    }

    /** Takes new policy weights before the next step; caches stay, spans record the change. */
    public void adoptPolicy(Checkpoint checkpoint, long version) {
        target.adopt(checkpoint);
        policyVersion = version;
    }

    public int vocabularySize() {
        return target.config().vocabularySize();
    }

    public long policyVersion() {
        return policyVersion;
    }

    public @Nullable Drafter drafter(String name) {
        return drafters.get(name);
    }

    /** Fewer slots than the target has; active sequences above stay until they end. */
    public void limitSlots(int limit) {
        slotLimit = Math.min(limit, target.slots());
    }

    public int slotLimit() {
        return slotLimit;
    }

    public int activeSequences() {
        return active.size();
    }

    public int waitingSequences() {
        return waiting.size();
    }

    public boolean idle() {
        return active.isEmpty() && waiting.isEmpty();
    }

    /** Tokens emitted since the engine was made. */
    public long emittedTokens() {
        return emittedTokens;
    }

    public StepStatistics statistics() {
        return statistics;
    }

    /** One step of every active sequence; those that ended with it are returned. */
    public List<CompletedSequence> step() {
        return step(Drafting.AS_PROPOSED);
    }

    /**
     * A step whose time is that of a full draft: sequences for which the drafter proposes less get filler tokens, which
     * verification rejects or accepts like any draft. For measuring costs.
     */
    public List<CompletedSequence> rehearse() {
        return step(Drafting.FILLED_UP);
    }

    private enum Drafting {
        AS_PROPOSED,
        FILLED_UP
    }

    private List<CompletedSequence> step(Drafting drafting) {
        finished.clear();
        admit();
        if (active.isEmpty()) {
            return List.of();
        }
        Setting setting = settings.forBatch(active.size());
        Drafter drafter = setting.isOff() ? null : drafters.get(setting.drafter());
        lastSetting = drafter == null ? Setting.OFF : setting;

        long begun = System.nanoTime();
        drafts.reset(active.size(), lastSetting.draftLength());
        if (drafter != null) {
            drafter.draft(active, lastSetting.draftLength(), drafts);
            if (drafting == Drafting.FILLED_UP) {
                fillUp();
            }
        }
        long drafted = System.nanoTime();
        Logits logits = verifyPass();
        long verified = System.nanoTime();
        StepStatistics.Counts counts = statistics.of(active.size(), lastSetting);
        accept(logits, counts, drafter == null ? 0 : drafter.version());
        retire();
        counts.step(drafted - begun, verified - drafted, System.nanoTime() - verified);
        return List.copyOf(finished);
    }

    private void fillUp() {
        for (int slot = 0; slot < active.size(); slot++) {
            int most = Math.min(lastSetting.draftLength(), active.get(slot).draftRoom());
            for (int i = drafts.count(slot); i < most; i++) {
                drafts.buffer(slot)[i] = 0;
            }
            if (drafts.count(slot) < most) {
                drafts.propose(slot, most, null);
            }
        }
    }

    private void admit() {
        while (!waiting.isEmpty() && active.size() < slotLimit) {
            long begun = System.nanoTime();
            Sequence sequence = new Sequence(takeNext(), nextKey++, begun);
            int slot = active.size();
            active.add(sequence);
            prefill(sequence, slot);
            drafters.values().forEach(drafter -> drafter.begin(sequence, slot));
            sequence.prefilled((System.nanoTime() - begun) / 1e6);
        }
    }

    /**
     * Of what waits, the oldest of the group with the fewest active sequences: samples of one prompt then run one behind
     * the other, and those behind draft from those ahead.
     */
    private SequenceRequest takeNext() {
        Map<String, Integer> activeByGroup = new HashMap<>();
        active.forEach(sequence -> activeByGroup.merge(sequence.request().groupKey(), 1, Integer::sum));
        SequenceRequest next = waiting.getFirst();
        int fewest = activeByGroup.getOrDefault(next.groupKey(), 0);
        for (SequenceRequest candidate : waiting) {
            int count = activeByGroup.getOrDefault(candidate.groupKey(), 0);
            if (count < fewest) {
                fewest = count;
                next = candidate;
            }
        }
        waiting.removeFirstOccurrence(next);
        return next;
    }

    /** Copies the prompt's cache from an active sequence of the same group, or computes it. */
    private void prefill(Sequence sequence, int slot) {
        int columns = sequence.promptLength() - 1;
        if (columns == 0) {
            return;
        }
        for (int other = 0; other < slot; other++) {
            Sequence sibling = active.get(other);
            if (sharesPrompt(sibling, sequence)) {
                target.copySlot(other, slot, columns);
                return;
            }
        }
        grid.clear();
        grid.begin(0);
        grid.add(sequence.tokens(), 0, columns);
        target.prefill(slot, grid);
    }

    private static boolean sharesPrompt(Sequence sibling, Sequence sequence) {
        return Objects.equals(sibling.request().groupKey(), sequence.request().groupKey())
                && Arrays.equals(sibling.request().prompt(), sequence.request().prompt());
    }

    private Logits verifyPass() {
        grid.clear();
        for (int slot = 0; slot < active.size(); slot++) {
            Sequence sequence = active.get(slot);
            grid.begin(sequence.length() - 1);
            grid.add(sequence.tokens()[sequence.length() - 1]);
            grid.add(drafts.tokens(slot), 0, drafts.count(slot));
        }
        return target.step(0, grid);
    }

    private void accept(Logits logits, StepStatistics.Counts counts, long drafterVersion) {
        int row = 0;
        for (int slot = 0; slot < active.size(); slot++) {
            Sequence sequence = active.get(slot);
            int drafted = drafts.count(slot);
            Verdict verdict = verifier.verify(
                    logits.values(),
                    row * logits.vocabularySize(),
                    drafts.tokens(slot),
                    drafted,
                    drafts.distributions(slot),
                    sequence.request().sampling(),
                    sequence.request().random());
            row += drafted + 1;
            int emitted = append(sequence, verdict);
            int accepted = Math.min(verdict.acceptedDraftTokens(), emitted);
            sequence.count(drafted, accepted, drafterVersion);
            counts.sequence(drafted, accepted, emitted);
            emittedTokens += emitted;
            drafters.values().forEach(drafter -> drafter.emitted(sequence, emitted));
        }
    }

    /** Appends what was emitted up to a stop token; returns how many that were. */
    private int append(Sequence sequence, Verdict verdict) {
        for (int i = 0; i < verdict.count(); i++) {
            int token = verdict.token(i);
            sequence.append(token, verdict.logProbability(i), policyVersion);
            if (stopTokens.contains(token)) {
                return i + 1;
            }
        }
        return verdict.count();
    }

    private void retire() {
        long now = System.nanoTime();
        for (int slot = active.size() - 1; slot >= 0; slot--) {
            Sequence sequence = active.get(slot);
            boolean stopped = stopTokens.contains(sequence.tokens()[sequence.length() - 1]);
            if (stopped || sequence.responseLength() >= sequence.request().maxTokens()) {
                finished.add(sequence.complete(
                        stopped ? CompletedSequence.Reason.STOP : CompletedSequence.Reason.LENGTH, now));
                vacate(slot);
            }
        }
    }

    /** Ends the sequence of a slot and closes the gap with the last one. */
    private void vacate(int slot) {
        Sequence ended = active.get(slot);
        drafters.values().forEach(drafter -> drafter.finish(ended));
        int last = active.size() - 1;
        Sequence moved = active.remove(last);
        if (slot != last) {
            target.copySlot(last, slot, moved.length() - 1);
            drafters.values().forEach(drafter -> drafter.moveSlot(last, slot));
            active.set(slot, moved);
        }
    }

    /** Ids of what waits and what is active. */
    public Set<String> held() {
        Set<String> ids = new HashSet<>();
        waiting.forEach(request -> ids.add(request.id()));
        active.forEach(sequence -> ids.add(sequence.request().id()));
        return ids;
    }

    @Override
    public void close() {
        drafters.values().forEach(Drafter::close);
        target.close();
    }
}
