package dev.respec.trainer.curriculum;

import static java.util.Objects.requireNonNull;

import dev.respec.schemas.ScoredRollout;
import dev.respec.trainer.admission.AdmissionState;
import dev.respec.trainer.admission.Ticket;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.data.Mixing;
import dev.respec.trainer.data.Prompt;
import dev.respec.trainer.data.PromptSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The prompt at each position of the run. Without a curriculum it is the one that the data have there; with one it is
 * drawn when the position is asked for the first time.
 *
 * <p>INVARIANT: a draw depends on the seed, its position, the pass rates as of the last step and the prompts drawn
 * since that await a step. Pass rates change only when a step ends, so a killed trainer draws the same prompts again;
 * it learns through {@link #recover} what it had published. Owned by the trainer's thread.
 */
public final class PromptDraws {
    private static final long SALT = Mixing.hash("curriculum");

    private final PromptSource source;
    private final @Nullable CurriculumRules rules;
    private final Map<String, Prompt> prompts = new LinkedHashMap<>();
    private final TreeMap<Long, String> drawn;
    private final PassRates passRates;

    /**
     * Continues from a checkpoint.
     *
     * @param source finite if there are rules
     * @param rules null keeps the prompts in the order of the data
     * @param admission what the checkpoint has in flight
     */
    public PromptDraws(
            PromptSource source, @Nullable CurriculumRules rules, CurriculumState state, AdmissionState admission) {
        this.source = source;
        this.rules = rules;
        drawn = new TreeMap<>(state.drawn());
        passRates = new PassRates(rules == null ? Integer.MAX_VALUE : rules.window(), state.passRates());
        if (source.size().isPresent()) {
            source.head(source.size().getAsInt()).forEach(prompt -> prompts.put(prompt.id(), prompt));
        }
        if (rules != null) {
            // what was asked before the curriculum was switched on keeps its prompt
            admission.inFlight().stream().map(Ticket::promptPosition).forEach(this::keep);
            admission.again().stream()
                    .filter(question -> question.attempt() > 0)
                    .map(Ticket.Question::promptPosition)
                    .forEach(this::keep);
        }
    }

    private void keep(long position) {
        drawn.computeIfAbsent(position, there -> source.at(there).id());
    }

    /** Number of distinct prompts; 0 if they are generated endlessly. */
    public int distinct() {
        return prompts.size();
    }

    /** Whether the data are finite and all of their prompts are like this. */
    public boolean all(Predicate<Prompt> condition) {
        return !prompts.isEmpty() && prompts.values().stream().allMatch(condition);
    }

    /** The prompt at a position, the same whenever it is asked for while the position awaits a step. */
    public Prompt at(long position) {
        var id = drawn.get(position);
        if (id != null && prompts.containsKey(id)) {
            return requireNonNull(prompts.get(id));
        }
        if (rules == null) {
            return source.at(position);
        }
        var prompt = draw(rules, position);
        drawn.put(position, prompt.id());
        return prompt;
    }

    /** Learns of a request that was published after the checkpoint. */
    public void recover(long position, String promptId) {
        if (rules != null || !source.at(position).id().equals(promptId)) {
            drawn.put(position, promptId);
        }
    }

    private Prompt draw(CurriculumRules curriculum, long position) {
        Set<String> waiting = new HashSet<>(drawn.values());
        if (curriculum.unseen() == CurriculumRules.Unseen.FIRST) {
            var unseen = firstUnseen(waiting);
            if (unseen.isPresent()) {
                return unseen.get();
            }
        }
        var free = prompts.values().stream()
                .filter(prompt -> !waiting.contains(prompt.id()))
                .toList();
        return weighted(
                free.isEmpty() ? List.copyOf(prompts.values()) : free,
                curriculum,
                new SplittableRandom(Mixing.mix(Mixing.mix(curriculum.seed(), SALT), position)));
    }

    private Optional<Prompt> firstUnseen(Set<String> waiting) {
        for (int position = 0; position < prompts.size(); position++) {
            var prompt = source.at(position);
            if (!passRates.wasAsked(prompt.id()) && !waiting.contains(prompt.id())) {
                return Optional.of(prompt);
            }
        }
        return Optional.empty();
    }

    private Prompt weighted(List<Prompt> among, CurriculumRules curriculum, SplittableRandom random) {
        var upTo = new double[among.size()];
        var sum = 0.0;
        for (int i = 0; i < upTo.length; i++) {
            sum += weight(among.get(i).id(), curriculum);
            upTo[i] = sum;
        }
        var point = random.nextDouble() * sum;
        for (int i = 0; i < upTo.length; i++) {
            if (point < upTo[i]) {
                return among.get(i);
            }
        }
        return among.get(upTo.length - 1); // the product may round up to the sum
    }

    /** A prompt that was asked and never answered has the least weight. */
    private double weight(String promptId, CurriculumRules curriculum) {
        return passRates.wasAsked(promptId)
                ? passRates.of(promptId).stream()
                        .map(curriculum::weight)
                        .findFirst()
                        .orElse(curriculum.floor())
                : curriculum.weight(0.5);
    }

    /**
     * Ends a step.
     *
     * @param answered groups that the step read, whether it used them or not
     * @param admission as of the step's end
     */
    public void endStep(List<ScoredGroup> answered, AdmissionState admission) {
        if (rules != null) {
            answered.stream()
                    .sorted(Comparator.comparingLong(ScoredGroup::requestIndex))
                    .forEach(group -> passRates.add(promptId(group), passRate(group)));
        }
        Set<Long> awaited = new HashSet<>();
        admission.inFlight().forEach(ticket -> awaited.add(ticket.promptPosition()));
        admission.again().forEach(question -> awaited.add(question.promptPosition()));
        drawn.entrySet().removeIf(entry -> {
            boolean settled = !awaited.contains(entry.getKey());
            if (settled && rules != null) {
                passRates.asked(entry.getValue());
            }
            return settled;
        });
    }

    private static String promptId(ScoredGroup group) {
        return requireNonNull(group.rollouts().get(0).getRollout()).getPromptId();
    }

    private static double passRate(ScoredGroup group) {
        var passed = group.rollouts().stream()
                .mapToDouble(ScoredRollout::getReward)
                .filter(reward -> reward >= 1)
                .count();
        return passed / (double) group.rollouts().size();
    }

    /** Whether prompts are drawn by their pass rates. */
    public boolean byPassRate() {
        return rules != null;
    }

    /** Prompts that have a pass rate. */
    public long seen() {
        return passRates.count();
    }

    /** Prompts whose pass rate is this one. */
    public long withRate(double passRate) {
        return passRates.count(passRate);
    }

    /** For the checkpoint of the step that ended. */
    public CurriculumState state() {
        return new CurriculumState(passRates.state(), drawn);
    }
}
