package dev.respec.worker;

import static java.util.Objects.requireNonNull;

import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.worker.engine.CompletedSequence;
import dev.respec.worker.engine.GenerationEngine;
import dev.respec.worker.engine.SequenceRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.function.ToDoubleFunction;

/** Held-out pass@1: one completion a prompt, scored by the task's reward function. Owned by the engine's thread. */
public final class Evaluation {
    private final WorkerModels models;

    public Evaluation(WorkerModels models) {
        this.models = models;
    }

    /** A prompt whose answer is known. */
    public record Question(String id, String prompt, String answer, String task, Map<String, String> metadata) {}

    /** A question with what the policy answered. */
    public record Answer(Question question, String response, boolean stopped) {}

    /**
     * @param passAt1 share of answers with a reward of at least 1
     * @param meanReward mean reward
     * @param meanTokens response tokens, the stop token included
     */
    public record Outcome(
            int prompts,
            double passAt1,
            double meanReward,
            double meanTokens,
            int longestTokens,
            double truncatedShare,
            double seconds,
            long tokens) {}

    /**
     * @param seed of the run; each prompt draws from a stream of its own
     * @param progress told the number of answers after each step that finished one
     */
    public Outcome run(
            List<Question> questions,
            SamplingOptions sampling,
            int maxTokens,
            long seed,
            ToDoubleFunction<Answer> reward,
            IntConsumer progress) {
        GenerationEngine engine = models.engine();
        Map<String, Question> byId = new HashMap<>();
        for (int i = 0; i < questions.size(); i++) {
            Question question = questions.get(i);
            String id = "evaluation-" + i;
            byId.put(id, question);
            int[] prompt = models.tokenizer().encode(question.prompt());
            engine.submit(new SequenceRequest(
                    id, question.id(), prompt, sampling, maxTokens, new SplittableRandomStream(seed, i)));
        }
        long begun = System.nanoTime();
        Tally tally = new Tally();
        while (!engine.idle()) {
            List<CompletedSequence> completed = engine.step();
            for (CompletedSequence sequence : completed) {
                boolean stopped = sequence.reason() == CompletedSequence.Reason.STOP;
                String response = models.tokenizer().decode(sequence.response());
                Answer answer =
                        new Answer(requireNonNull(byId.get(sequence.request().id())), response, stopped);
                tally.add(reward.applyAsDouble(answer), sequence.response().length, stopped);
            }
            if (!completed.isEmpty()) {
                progress.accept(tally.count);
            }
        }
        return tally.outcome((System.nanoTime() - begun) / 1e9);
    }

    private static final class Tally {
        private int count;
        private int passed;
        private int truncated;
        private int longest;
        private long tokens;
        private double rewards;

        void add(double reward, int length, boolean stopped) {
            count++;
            rewards += reward;
            passed += reward >= 1 ? 1 : 0;
            truncated += stopped ? 0 : 1;
            longest = Math.max(longest, length);
            tokens += length;
        }

        Outcome outcome(double seconds) {
            double n = Math.max(1, count);
            return new Outcome(count, passed / n, rewards / n, tokens / n, longest, truncated / n, seconds, tokens);
        }
    }
}
