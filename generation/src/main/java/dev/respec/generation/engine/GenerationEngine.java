package dev.respec.generation.engine;

import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.sampling.Verdict;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    /** Of steps with sequences whose statistics are left out; read by nobody. */
    private final StepStatistics leftOut = new StepStatistics(List.of());

    private final Occupancy active;
    private final VerifyPass verifyPass;
    private final Drafts drafts = new Drafts();
    private final DraftLimits limits;
    private final PairedTurns pairedTurns = new PairedTurns();
    private final List<CompletedSequence> finished = new ArrayList<>();

    private SettingTable settings = SettingTable.plain();
    private Setting lastSetting = Setting.OFF;
    private long policyVersion;
    private long emittedTokens;

    /** Drafts have the length of the setting. */
    public GenerationEngine(
            TargetModel target,
            Collection<? extends Drafter> drafters,
            Collection<Integer> stopTokens,
            StepStatistics statistics) {
        this(target, drafters, stopTokens, statistics, DraftLength.FIXED);
    }

    /**
     * @param drafters by name; a setting that names none of them decodes plainly
     * @param stopTokens tokens that end a response
     * @param draftLength whether drafts may be shorter than the setting says
     */
    public GenerationEngine(
            TargetModel target,
            Collection<? extends Drafter> drafters,
            Collection<Integer> stopTokens,
            StepStatistics statistics,
            DraftLength draftLength) {
        this.target = target;
        this.drafters = new LinkedHashMap<>();
        drafters.forEach(drafter -> this.drafters.put(drafter.name(), drafter));
        this.stopTokens = Set.copyOf(stopTokens);
        this.statistics = statistics;
        this.active = new Occupancy(target, this.drafters.values());
        this.verifyPass = new VerifyPass(target);
        this.limits = new DraftLimits(draftLength);
    }

    /** Queues a completion; it starts when a slot is free. */
    public void submit(SequenceRequest request) {
        active.submit(request);
    }

    /** Drops the sequences that the predicate matches, waiting or active; the active ones are returned as cancelled. */
    public List<CompletedSequence> cancel(Predicate<SequenceRequest> which) {
        return active.cancel(which);
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

    /** What becomes of the caches of active sequences when the policy changes. */
    public enum CachesOnSwap {
        /** They stay: older columns are those of older weights. */
        KEEP,
        /** They are computed again in the next steps, and what follows is drawn as if the new weights had read all of it. */
        RECOMPUTE
    }

    /** Takes new policy weights before the next step; spans record the change. */
    public void adoptPolicy(Checkpoint checkpoint, long version, CachesOnSwap caches) {
        target.adopt(checkpoint);
        policyVersion = version;
        active.forgetFreeSlots();
        if (caches == CachesOnSwap.RECOMPUTE) {
            active.recompute();
        }
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

    /** How sequences that begin from now on hold what they have in common. */
    public void hold(Prefixes prefixes) {
        active.hold(prefixes);
    }

    /** Fewer slots than the target has; active sequences above stay until they end. */
    public void limitSlots(int limit) {
        active.limitSlots(limit);
    }

    public int slotLimit() {
        return active.slotLimit();
    }

    public int activeSequences() {
        return active.size();
    }

    public int waitingSequences() {
        return active.waiting();
    }

    public boolean idle() {
        return active.isEmpty() && active.waiting() == 0;
    }

    /** The policy as decoding sees it, for measuring; its cache belongs to the engine. */
    public TargetModel target() {
        return target;
    }

    /** Nanoseconds of verification and sampling outside the target's kernel since the engine was made. */
    public long verdictNanos() {
        return verifyPass.verdictNanos();
    }

    /** Tokens emitted since the engine was made. */
    public long emittedTokens() {
        return emittedTokens;
    }

    /** Prompt tokens computed so far, those shared by samples once. */
    public long promptTokens() {
        return active.computedPromptTokens();
    }

    /** Use of the key-value cache. */
    public CacheUse cacheUse() {
        return active.cacheUse();
    }

    public StepStatistics statistics() {
        return statistics;
    }

    /** What the comparisons named by the table have shown. */
    public PairedTurns pairedTurns() {
        return pairedTurns;
    }

    /** One step of every active sequence; those that ended with it are returned. */
    public List<CompletedSequence> step() {
        return step(DraftLimits.Extent.AS_PAYS);
    }

    /**
     * A step whose time is that of a full draft, drafters catching up at once: sequences for which the drafter proposes
     * less get filler tokens, which verification treats like any draft. For measuring costs.
     */
    public List<CompletedSequence> rehearse() {
        return step(DraftLimits.Extent.FULL);
    }

    private List<CompletedSequence> step(DraftLimits.Extent extent) {
        finished.clear();
        active.admit();
        if (active.isEmpty()) {
            return List.of();
        }
        int sequences = active.size();
        boolean counted = active.isCounted();
        lastSetting = counted
                ? pairedTurns.next(settings, sequences, this::runnable)
                : runnable(settings.forBatch(sequences));

        long begun = System.nanoTime();
        long drafterVersion = draft(lastSetting, extent);
        long drafted = System.nanoTime();
        verifyPass.run(active, drafts);
        long verified = System.nanoTime();
        StepStatistics.Counts counts = (counted ? statistics : leftOut).of(sequences, lastSetting);
        long emittedBefore = emittedTokens;
        long contextBefore = counts.contextTokens();
        accept(counts, drafterVersion);
        retire();
        long ended = System.nanoTime();
        long tokens = emittedTokens - emittedBefore;
        counts.step(drafted - begun, verified - drafted, ended - verified);
        limits.stepped(lastSetting, sequences, drafts.total(), tokens, drafted - begun, ended - drafted);
        if (counted) {
            pairedTurns.stepped(lastSetting, sequences, tokens, counts.contextTokens() - contextBefore, ended - begun);
        } else {
            pairedTurns.passed(lastSetting);
        }
        return List.copyOf(finished);
    }

    /** Proposes for all sequences; returns the version of what drafted, 0 for nothing. */
    private long draft(Setting setting, DraftLimits.Extent extent) {
        drafts.reset(active.size(), setting.verifiedTokens());
        Drafter drafter = setting.isOff() ? null : drafters.get(setting.drafter());
        long version = drafter == null ? 0 : drafter.version();
        drafts.limitBy(limits.begin(setting, version, active.size(), extent));
        drafts.catchUp(extent == DraftLimits.Extent.FULL ? Drafts.CatchUp.AT_ONCE : Drafts.CatchUp.IN_PIECES);
        if (drafter != null) {
            drafter.draft(active, setting, drafts);
            drafts.endAt(stopTokens, active.size());
            if (extent == DraftLimits.Extent.FULL) {
                drafts.fillUp(active, setting);
            }
            active.fit(drafts);
        }
        return version;
    }

    /** A setting whose drafter this engine lacks decodes plainly. */
    private Setting runnable(Setting setting) {
        return drafters.containsKey(setting.drafter()) ? setting : Setting.OFF;
    }

    private void accept(StepStatistics.Counts counts, long drafterVersion) {
        verifyPass.judge(active, drafts);
        for (int slot = 0; slot < active.size(); slot++) {
            Sequence sequence = active.get(slot);
            int context = sequence.length();
            Verdict verdict = verifyPass.verdict(slot);
            int emitted = sequence.append(verdict, stopTokens, policyVersion);
            int accepted = Math.min(verdict.acceptedDraftTokens(), emitted);
            sequence.count(drafts.count(slot), accepted, drafterVersion);
            sequence.came(
                    accepted, emitted, drafts.ownOrigin(slot, verdict), drafts.source(slot, lastSetting.drafter()));
            counts.sequence(context, drafts.depth(slot), accepted, emitted);
            limits.verified(slot, drafts.count(slot), accepted);
            emittedTokens += emitted;
            drafters.values().forEach(drafter -> drafter.emitted(sequence, emitted));
        }
        verifyPass.close();
    }

    private void retire() {
        long now = System.nanoTime();
        for (int slot = active.size() - 1; slot >= 0; slot--) {
            Sequence sequence = active.get(slot);
            boolean stopped = stopTokens.contains(sequence.tokens()[sequence.length() - 1]);
            if (stopped || sequence.responseLength() >= sequence.request().maxTokens()) {
                finished.add(sequence.complete(
                        stopped ? CompletedSequence.Reason.STOP : CompletedSequence.Reason.LENGTH, now));
                active.vacate(slot);
            }
        }
    }

    @Override
    public void close() {
        drafters.values().forEach(Drafter::close);
        target.close();
    }
}
