package dev.respec.stage.config;

public record DataSection(String train, String evaluation, int evaluationSize, String task, long seed) {
    public DataSection {
        InvalidValue.require(!train.isBlank(), "train", train, "builtin:arithmetic or a JSONL file");
        InvalidValue.require(!evaluation.isBlank(), "evaluation", evaluation, "builtin:arithmetic or a JSONL file");
        InvalidValue.atLeast(1, "evaluation-size", evaluationSize);
    }
}
