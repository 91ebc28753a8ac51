package dev.respec.ops.memory;

import dev.respec.model.ComputeType;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.eagle3.DistillationBatch;
import dev.respec.ops.inputs.ModelInputs;
import dev.respec.ops.memory.ProcessMemory.Part;
import dev.respec.stage.config.ModelSection;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory of each process by what it holds: parameters × bytes, what grows with slots and tokens, and what every process
 * of its kind was measured to take besides.
 *
 * @param policy architecture of the policy
 * @param drafter architecture of the drafter; null for none
 * @param smaller architecture of the smaller model that drafts; null for none
 */
record StageSizes(
        ModelConfig policy, @Nullable Eagle3Config drafter, @Nullable ModelConfig smaller) {
    /** How much room Java heaps have beside what models need. */
    enum Heaps {
        /** Collections are rare. */
        AMPLE(1024 * Bytes.MEBI),
        /** Enough to run. */
        LEAST(400 * Bytes.MEBI);

        private final long bytes;

        Heaps(long bytes) {
            this.bytes = bytes;
        }
    }

    /** Virtual machine, compiled code and the native library of a process that computes. */
    private static final long COMPUTING = 350 * Bytes.MEBI;

    /** Virtual machine of a process that does not. */
    private static final long LIGHT = 130 * Bytes.MEBI;

    /** Heap and virtual machine of a light process at work, measured over a run; its heap may grow beyond. */
    private static final long LIGHT_AT_WORK = 280 * Bytes.MEBI;

    /** Tokens whose logits exist at a time while the policy is trained. */
    private static final int LOGITS_TOKENS = 256;

    /** Tensors of the size of the logits that cross-entropy and its gradient take at a time. */
    private static final int LOGITS_COPIES = 3;

    /** Of the models that a configuration names. */
    static StageSizes of(RespecConfig config) {
        ModelConfig policy = ModelConfig.read(Path.of(config.model().policy()));
        String smaller = config.model().smaller();
        return new StageSizes(
                policy,
                drafter(config, policy),
                smaller.equals(ModelInputs.NONE) ? null : ModelConfig.read(Path.of(smaller)));
    }

    private static @Nullable Eagle3Config drafter(RespecConfig config, ModelConfig policy) {
        if (ModelInputs.isNewDrafter(config)) {
            return Eagle3Config.forAnyTarget(policy);
        }
        String drafter = config.model().drafter();
        return drafter.equals(ModelInputs.NONE) ? null : Eagle3Checkpoint.readConfig(Path.of(drafter));
    }

    ProcessMemory light(String name, String heap) {
        long bytes = Bytes.of(heap);
        return new ProcessMemory(
                name, bytes, List.of(new Part("heap", Math.max(LIGHT_AT_WORK, bytes * 3 / 4 + LIGHT))));
    }

    ProcessMemory worker(RespecConfig config, Heaps heaps) {
        var section = config.worker();
        ComputeType type = computeType(config);
        int capacity = Math.min(section.capacity(), policy.maxPositions());
        long slot = TargetModel.bytesPerSlot(policy, type, capacity, drafter == null ? 0 : 3);
        long slots = section.slots();
        if (section.keyValueMegabytes() > 0) {
            slots = Math.min(slots, section.keyValueMegabytes() * Bytes.MEBI / slot);
        }
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("policy", weights(policy, type)));
        parts.add(new Part("keys and values of " + slots + " slots", slots * slot));
        if (drafter != null) {
            parts.add(new Part("drafter", drafterBytes(drafter, type)));
        }
        if (smaller != null) {
            int shared = Math.min(capacity, smaller.maxPositions());
            parts.add(new Part(
                    "smaller model",
                    weights(smaller, type) + slots * TargetModel.bytesPerSlot(smaller, type, shared, 0)));
        }
        parts.add(new Part("native library", COMPUTING));
        long needed = 2L * slots * (longestDraft(config) + 1) * policy.vocabularySize() * Float.BYTES;
        return computing("worker", config.local().stageMemory().worker(), heaps, needed, parts);
    }

    ProcessMemory trainer(RespecConfig config, Heaps heaps) {
        var section = config.trainer();
        long parameters = policy.parameters();
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("policy", parameters * Float.BYTES));
        long trained = section.lora().rank() == 0 ? parameters : loraParameters(section.lora().rank());
        if (section.lora().rank() > 0) {
            parts.add(new Part("adapter", trained * Float.BYTES));
        }
        parts.add(new Part("gradients", trained * Float.BYTES));
        parts.add(new Part("moments", 2 * trained * Float.BYTES));
        if (section.loss().kl() > 0) {
            parts.add(new Part("first policy", parameters * Float.BYTES));
        }
        int longest = Math.min(config.worker().capacity(), policy.maxPositions());
        long tokens = Math.max(section.microBatchTokens(), longest);
        parts.add(new Part("activations", activations(tokens, section.gradientCheckpointing())));
        parts.add(new Part("logits", logits(tokens)));
        parts.add(new Part("native library", COMPUTING));
        return computing("trainer", config.local().stageMemory().trainer(), heaps, 0, parts);
    }

    /** @param taught architecture of the drafter that learns */
    ProcessMemory learner(RespecConfig config, Eagle3Config taught, Heaps heaps) {
        long table = embeddings(policy);
        long own = taught.parameters();
        long tokens = DistillationBatch.mostTokens(policy);
        long logits = tokens * policy.vocabularySize() * Float.BYTES;
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("policy", policy.parameters() * Float.BYTES));
        parts.add(new Part("two drafters", 2 * (own + table) * Float.BYTES));
        parts.add(new Part("gradients", own * Float.BYTES));
        parts.add(new Part("moments", 2 * own * Float.BYTES));
        int passes = config.learner().tttLength();
        long drafted = tokens * taught.draftVocabularySize() * Float.BYTES;
        parts.add(new Part("logits", 2 * logits + (passes + 2) * drafted));
        parts.add(new Part("activations", activations(tokens, policy.layers() > 1)));
        parts.add(new Part("native library", COMPUTING));
        return computing("learner", config.local().stageMemory().learner(), heaps, 0, parts);
    }

    private static ProcessMemory computing(String name, String asked, Heaps heaps, long needed, List<Part> parts) {
        long heap = asked.equals("auto") ? heaps.bytes + needed : Bytes.of(asked);
        parts.add(new Part("heap", heap));
        return new ProcessMemory(name, heap, parts);
    }

    private ComputeType computeType(RespecConfig config) {
        ModelSection.ComputeType asked = config.model().computeType();
        boolean half = asked == ModelSection.ComputeType.BFLOAT16
                || (asked == ModelSection.ComputeType.AUTO && TargetModel.runsInMachineCode(policy));
        return half ? ComputeType.BFLOAT16 : ComputeType.FLOAT32;
    }

    /** An embedding that is the output projection, too, is multiplied in another order than it is looked up in. */
    private static long weights(ModelConfig model, ComputeType type) {
        long elements = model.parameters() + (model.tiedEmbeddings() ? embeddings(model) : 0);
        return elements * (type == ComputeType.BFLOAT16 ? 2 : Float.BYTES);
    }

    private long drafterBytes(Eagle3Config model, ComputeType type) {
        long table = (long) model.vocabularySize() * model.hiddenSize();
        return (model.parameters() + table) * (type == ComputeType.BFLOAT16 ? 2 : Float.BYTES);
    }

    private int longestDraft(RespecConfig config) {
        var lengths = config.worker().draftLengths();
        List<Integer> all = new ArrayList<>(lengths.suffix());
        if (drafter != null) {
            all.addAll(lengths.eagle3());
        }
        if (smaller != null) {
            all.addAll(lengths.model());
        }
        return all.isEmpty() ? 0 : Collections.max(all);
    }

    /** What autograd keeps for the backward pass: of all layers, or of one and the inputs of all. */
    private long activations(long tokens, boolean recomputed) {
        long hidden = policy.hiddenSize();
        long queries = (long) policy.heads() * policy.headDimension();
        long layer = 12 * hidden + 6 * queries + 5L * policy.intermediateSize();
        long kept = recomputed ? policy.layers() * hidden + layer : policy.layers() * layer;
        return tokens * kept * Float.BYTES;
    }

    private long logits(long tokens) {
        return LOGITS_COPIES * Math.min(tokens, LOGITS_TOKENS) * policy.vocabularySize() * Float.BYTES;
    }

    /** Two factors of every linear weight. */
    private long loraParameters(int rank) {
        long hidden = policy.hiddenSize();
        long inner = policy.intermediateSize();
        long queries = (long) policy.heads() * policy.headDimension();
        long keys = (long) policy.keyValueHeads() * policy.headDimension();
        long layer = 2 * (hidden + queries) + 2 * (hidden + keys) + 3 * (hidden + inner);
        return rank * policy.layers() * layer;
    }

    private static long embeddings(ModelConfig model) {
        return (long) model.vocabularySize() * model.hiddenSize();
    }
}
