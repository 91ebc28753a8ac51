package dev.respec.ops.generate;

import dev.respec.generation.WorkerModels;
import dev.respec.generation.engine.CompletedSequence;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.generation.engine.SequenceRequest;
import dev.respec.model.StreamingText;
import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.ops.generate.GenerationResult.Sample;
import dev.respec.ops.generate.GenerationResult.Statistics;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Samples of one prompt, with the engine that rollout workers use. */
public final class Generation {
    private final RespecConfig config;
    private final Checkpoint policy;
    private final @Nullable Eagle3Checkpoint drafter;
    private final TextTokenizer tokenizer;
    private final Setting setting;

    /**
     * @param config slots for every sample, and room in each for prompt and response
     * @param tokenizer of the policy; closed by {@link #run}
     * @param setting one that names a drafter needs it
     */
    public Generation(
            RespecConfig config,
            Checkpoint policy,
            @Nullable Eagle3Checkpoint drafter,
            TextTokenizer tokenizer,
            Setting setting) {
        this.config = config;
        this.policy = policy;
        this.drafter = drafter;
        this.tokenizer = tokenizer;
        this.setting = setting;
    }

    /**
     * @param tokens of the prompt
     * @param samples completions of it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Prompt(String text, int[] tokens, int samples, SamplingOptions sampling, int maxTokens, long seed) {}

    /** Told text as it is generated. */
    public interface TextListener {
        void text(int sample, String text);
    }

    /** Generates every sample to its end. */
    public GenerationResult run(Prompt prompt, TextListener listener) {
        Map<String, StreamingText> texts = new HashMap<>();
        var emitted = new EmittedTokens((request, tokens) -> {
            StreamingText text = texts.get(request);
            if (text != null) {
                Arrays.stream(tokens).forEach(token -> tell(listener, request, text.append(token)));
            }
        });
        try (WorkerModels models = WorkerModels.load(config, policy, drafter, tokenizer, List.of(emitted))) {
            GenerationEngine engine = models.engine();
            engine.use(SettingTable.always(setting));
            for (int sample = 0; sample < prompt.samples(); sample++) {
                String id = Integer.toString(sample);
                texts.put(id, new StreamingText(models.tokenizer()));
                engine.submit(new SequenceRequest(
                        id,
                        "prompt",
                        prompt.tokens(),
                        prompt.sampling(),
                        prompt.maxTokens(),
                        new SplittableRandomStream(prompt.seed(), sample)));
            }
            long begun = System.nanoTime();
            List<CompletedSequence> completed = new ArrayList<>();
            while (!engine.idle()) {
                for (CompletedSequence sequence : engine.step()) {
                    String id = sequence.request().id();
                    tell(
                            listener,
                            id,
                            texts.getOrDefault(id, new StreamingText(models.tokenizer()))
                                    .finish());
                    completed.add(sequence);
                }
            }
            return result(prompt, models, completed, (System.nanoTime() - begun) / 1e9);
        }
    }

    private static void tell(TextListener listener, String request, String text) {
        if (!text.isEmpty()) {
            listener.text(Integer.parseInt(request), text);
        }
    }

    private GenerationResult result(
            Prompt prompt, WorkerModels models, List<CompletedSequence> completed, double seconds) {
        double prefill = completed.stream()
                .mapToDouble(CompletedSequence::prefillMilliseconds)
                .max()
                .orElse(0);
        return new GenerationResult(
                prompt.text(),
                prompt.tokens().length,
                completed.stream()
                        .map(sequence -> sample(models.tokenizer(), sequence))
                        .sorted(Comparator.comparingInt(Sample::index))
                        .toList(),
                Statistics.of(setting.toString(), models.engine().statistics().drain(), seconds, prefill));
    }

    private static Sample sample(TextTokenizer tokenizer, CompletedSequence sequence) {
        List<Float> logprobs = new ArrayList<>();
        for (float value : sequence.logProbabilities()) {
            logprobs.add(value);
        }
        return new Sample(
                Integer.parseInt(sequence.request().id()),
                tokenizer.decode(sequence.response()),
                Arrays.stream(sequence.response()).boxed().toList(),
                logprobs,
                sequence.reason() == CompletedSequence.Reason.STOP ? "stop" : "length");
    }
}
