package dev.respec.ops.measure;

import dev.respec.generation.WorkerModels;
import dev.respec.generation.engine.CompletedSequence;
import dev.respec.generation.engine.Eagle3Drafting;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.generation.engine.SequenceRequest;
import dev.respec.learner.distillation.Distiller;
import dev.respec.learner.distillation.TokenSequence;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.eagle3.DistillationSums;
import dev.respec.model.eagle3.TrainingTimeTest;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The acceptance length that the learner predicts from text, beside the one that the engine serves: held-out prompts are
 * answered once by plain decoding, for the learner to predict from, and once with drafts, for the engine to count. Both draw
 * at temperature 1, which is what the learner predicts, and drafts have their full length.
 */
public final class AcceptanceBench {
    private final RespecConfig config;
    private final int prompts;
    private final int samples;

    /**
     * @param prompts held-out prompts, the first of the configuration's
     * @param samples answers to each
     */
    public AcceptanceBench(RespecConfig config, int prompts, int samples) {
        this.config = config.withOverrides(List.of("worker.draft-limit=none"));
        this.prompts = prompts;
        this.samples = samples;
    }

    /**
     * One draft length. Names are those of the JSON file.
     *
     * @param predicted by the learner, as it judges candidates, from text of plain decoding
     * @param onPolicy the same from what is known of each token, which asks for text of the very policy
     * @param served tokens per verify step of the engine
     * @param servedError half the width of its 95 % interval, from the sequences
     * @param independent what the mean acceptance of each position would give if positions were independent
     * @param difference of predicted and served, relative to served
     */
    public record Row(
            int draftLength,
            double predicted,
            double onPolicy,
            double served,
            double servedError,
            double independent,
            double difference,
            long predictedTokens,
            long servedTokens) {}

    /** @param done told each row as it is measured */
    public List<Row> run(List<Integer> draftLengths, Consumer<Row> done) {
        Path folder = Path.of(config.model().policy());
        Path drafter = Path.of(config.model().drafter());
        List<Row> rows = new ArrayList<>();
        try (WorkerModels models = WorkerModels.load(config, folder, drafter)) {
            List<int[]> asked = HeldOut.of(config, folder).prompts(models, prompts);
            List<TokenSequence> text = answers(models.engine(), asked, SettingTable.plain(), 0).stream()
                    .map(answer -> new TokenSequence(answer.request().prompt(), answer.response()))
                    .toList();
            for (int length : draftLengths) {
                DistillationSums predicted = predict(folder, drafter, length, text);
                var table = SettingTable.always(Setting.chain(Eagle3Drafting.NAME, length));
                Row row = row(length, predicted, text, answers(models.engine(), asked, table, length));
                rows.add(row);
                done.accept(row);
            }
        }
        return rows;
    }

    private DistillationSums predict(Path policy, Path drafter, int length, List<TokenSequence> text) {
        var test = new TrainingTimeTest(length, 1);
        int threads = config.worker().threads();
        try (var distiller = Distiller.load(Checkpoint.read(policy), Eagle3Checkpoint.read(drafter), test, threads)) {
            return distiller.evaluate(text);
        }
    }

    /** @param stream keeps the draws of one call apart from those of the others */
    private List<CompletedSequence> answers(
            GenerationEngine engine, List<int[]> asked, SettingTable table, int stream) {
        engine.use(table);
        int number = 0;
        for (int[] prompt : asked) {
            for (int sample = 0; sample < samples; sample++, number++) {
                engine.submit(new SequenceRequest(
                        stream + "/" + number,
                        stream + "/" + number / samples,
                        prompt,
                        SamplingOptions.atTemperature(1),
                        config.sampling().maxTokens(),
                        new SplittableRandomStream(config.run().seed() + stream, number)));
            }
        }
        List<CompletedSequence> answers = new ArrayList<>();
        while (!engine.idle()) {
            answers.addAll(engine.step());
        }
        return answers;
    }

    private static Row row(
            int length, DistillationSums predicted, List<TokenSequence> text, List<CompletedSequence> answers) {
        double tokens = 0;
        double steps = 0;
        for (CompletedSequence answer : answers) {
            tokens += answer.response().length;
            steps += answer.verifySteps();
        }
        double served = tokens / steps;
        double squares = 0;
        for (CompletedSequence answer : answers) {
            squares += Math.pow(answer.response().length - served * answer.verifySteps(), 2);
        }
        double independent = 1;
        double all = 1;
        for (int pass = 0; pass < length; pass++) {
            all *= predicted.acceptance(pass);
            independent += all;
        }
        return new Row(
                length,
                predicted.acceptanceLength(),
                predicted.onPolicyAcceptanceLength(),
                served,
                1.96 * Math.sqrt(squares) / steps,
                independent,
                predicted.acceptanceLength() / served - 1,
                text.stream().mapToLong(TokenSequence::draftedPositions).sum(),
                (long) tokens);
    }
}
