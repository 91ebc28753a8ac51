package dev.respec.generation;

import static java.util.Objects.requireNonNull;

import dev.respec.generation.engine.CompletedSequence;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.generation.engine.SequenceRequest;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.ToDoubleFunction;

/** Held-out prompts answered and scored by their tasks' reward functions. Owned by the engine's thread. */
public final class Evaluation {
    private final WorkerModels models;

    public Evaluation(WorkerModels models) {
        this.models = models;
    }

    /** A prompt whose answer is known. */
    public record Question(String id, String prompt, String answer, String task, Map<String, String> metadata) {}

    /**
     * What the policy answered.
     *
     * @param prompt index of the question
     * @param sample index among the question's answers
     * @param tokens of the response, the stop token included
     * @param stopped whether the policy ended the response itself
     */
    public record Answer(Question question, int prompt, int sample, String response, int tokens, boolean stopped) {}

    /** A question that the policy cannot be asked, such as one that is longer than a slot, and why. */
    public record Refusal(Question question, String reason) {}

    /**
     * @param samples answers per question
     * @param seed of the run; each answer draws from a stream of its own
     */
    public record Plan(SamplingOptions sampling, int samples, int maxTokens, long seed) {
        public Plan {
            if (samples < 1) {
                throw new IllegalArgumentException("samples must be at least 1, found " + samples);
            }
        }
    }

    /**
     * @param prompts that were answered; refused ones count nowhere else
     * @param passAtK share of prompts that k samples answer with a reward of at least 1 in one of them
     * @param standardError of the mean reward, over prompts; NaN for a single one
     * @param meanTokens response tokens, the stop token included
     */
    public record Outcome(
            int prompts,
            SortedMap<Integer, Double> passAtK,
            double meanReward,
            double standardError,
            double meanTokens,
            double truncatedShare,
            double seconds,
            long tokens,
            List<Refusal> refused) {
        public Outcome {
            passAtK = new TreeMap<>(passAtK);
            refused = List.copyOf(refused);
        }

        public double passAt1() {
            return passAtK.getOrDefault(1, 0.0);
        }
    }

    /** @param progress told the number of answers after each step that finished one */
    public Outcome run(List<Question> questions, Plan plan, ToDoubleFunction<Answer> reward, IntConsumer progress) {
        GenerationEngine engine = models.engine();
        Map<String, Asked> asked = new HashMap<>();
        List<Refusal> refused = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            ask(questions, i, plan, asked, refused);
        }
        long begun = System.nanoTime();
        Tally tally = new Tally(plan.samples());
        while (!engine.idle()) {
            List<CompletedSequence> completed = engine.step();
            for (CompletedSequence sequence : completed) {
                Answer answer = requireNonNull(asked.get(sequence.request().id()))
                        .answered(models.tokenizer().decode(sequence.response()), sequence);
                tally.add(answer, reward.applyAsDouble(answer));
            }
            if (!completed.isEmpty()) {
                progress.accept(tally.count);
            }
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        return tally.outcome(questions.size() - refused.size(), seconds, refused);
    }

    private record Asked(Question question, int prompt, int sample) {
        Answer answered(String response, CompletedSequence sequence) {
            boolean stopped = sequence.reason() == CompletedSequence.Reason.STOP;
            return new Answer(question, prompt, sample, response, sequence.response().length, stopped);
        }
    }

    private void ask(List<Question> questions, int index, Plan plan, Map<String, Asked> asked, List<Refusal> refused) {
        Question question = questions.get(index);
        try {
            int[] prompt = models.tokenizer().encodePrompt(question.prompt());
            for (int sample = 0; sample < plan.samples(); sample++) {
                String id = "evaluation-" + index + "-" + sample;
                long stream = index + (long) sample * questions.size();
                models.engine()
                        .submit(new SequenceRequest(
                                id,
                                question.id(),
                                prompt,
                                plan.sampling(),
                                plan.maxTokens(),
                                new SplittableRandomStream(plan.seed(), stream)));
                asked.put(id, new Asked(question, index, sample));
            }
        } catch (IllegalArgumentException e) {
            refused.add(new Refusal(question, String.valueOf(e.getMessage())));
        }
    }

    private static final class Tally {
        private final EvaluationScores scores;
        private int count;
        private int truncated;
        private long tokens;

        Tally(int samples) {
            scores = new EvaluationScores(samples);
        }

        void add(Answer answer, double reward) {
            count++;
            scores.add(answer.prompt(), reward);
            truncated += answer.stopped() ? 0 : 1;
            tokens += answer.tokens();
        }

        Outcome outcome(int prompts, double seconds, List<Refusal> refused) {
            double n = Math.max(1, count);
            return new Outcome(
                    prompts,
                    scores.passAtK(),
                    scores.meanReward(),
                    scores.standardError(),
                    tokens / n,
                    truncated / n,
                    seconds,
                    tokens,
                    refused);
        }
    }
}
