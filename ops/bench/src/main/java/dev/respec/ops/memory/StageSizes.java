package dev.respec.ops.memory;

import dev.respec.generation.WorkerModels;
import dev.respec.model.CacheMemory;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.CacheSize;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.PageTable;
import dev.respec.model.eagle3.DistillationBatch;
import dev.respec.model.training.TrainingMemory;
import dev.respec.model.training.TrainingMemory.Activations;
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
 * @param stored element type of its parameters in their file
 * @param drafter architecture of the drafter; null for none
 * @param smaller architecture of the smaller model that drafts; null for none
 */
record StageSizes(
        ModelConfig policy,
        ElementType stored,
        @Nullable Eagle3Config drafter,
        @Nullable ModelConfig smaller) {
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

    private static final int HALF = 2;

    /** Layers whose inputs are kept for a drafter. */
    private static final int FEATURE_LAYERS = 3;

    /** Of the models that a configuration names. */
    static StageSizes of(RespecConfig config) {
        ModelConfig policy = ModelConfig.read(Path.of(config.model().policy()));
        String smaller = config.model().smaller();
        return new StageSizes(
                policy,
                ElementType.declared(Path.of(config.model().policy())),
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

    StageSizes withoutDrafter() {
        return new StageSizes(policy, stored, null, smaller);
    }

    ProcessMemory light(String name, String heap) {
        long bytes = Bytes.of(heap);
        return new ProcessMemory(
                name, bytes, List.of(new Part("heap", Math.max(LIGHT_AT_WORK, bytes * 3 / 4 + LIGHT))));
    }

    /** The scorer's own processes: of programs, at their limit, and of functions from jars. */
    ProcessMemory rewards(RespecConfig config) {
        var reward = config.reward();
        long programs = reward.code().enabled()
                ? reward.code().parallel() * reward.code().memoryMegabytes() * Bytes.MEBI
                : 0;
        boolean children = !config.scorer().rewardJars().isEmpty() && !reward.trusted();
        long heaps = children ? config.scorer().rewardThreads() * reward.childMegabytes() * Bytes.MEBI : 0;
        long others = children ? config.scorer().rewardThreads() * LIGHT : 0;
        return new ProcessMemory(
                "rewards", 0, List.of(new Part("programs", programs), new Part("functions of jars", heaps + others)));
    }

    ProcessMemory worker(RespecConfig config, Heaps heaps) {
        var section = config.worker();
        int capacity = Math.min(section.capacity(), policy.maxPositions());
        CacheSize cache = cache(config, capacity);
        CacheMemory memory = new CacheMemory(policy, computeType(config), 0);
        long slots = cache.slots();
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("policy", weights(config, policy.parameters())));
        parts.add(new Part(named(cache), memory.bytes(cache)));
        long needed = 2L * slots * (longestDraft(config) + 1) * policy.vocabularySize() * Float.BYTES;
        if (drafter != null) {
            long column = 2L * drafter.keyValueHeads() * drafter.headDimension() * Float.BYTES;
            parts.add(new Part(
                    "drafter",
                    weights(config, drafter.parameters() + embeddings(policy)) + cacheColumns(cache, memory) * column));
            needed += cacheColumns(cache, memory) * (long) FEATURE_LAYERS * policy.hiddenSize() * Float.BYTES;
        }
        if (smaller != null) {
            int shared = Math.min(capacity, smaller.maxPositions());
            parts.add(new Part(
                    "smaller model",
                    weights(config, smaller.parameters())
                            + new CacheMemory(smaller, computeType(config), 0)
                                    .bytes(CacheSize.whole(cache.slots(), shared))));
        }
        if (onHeap(config)) {
            needed += policy.parameters() * HALF + memory.bytes(cache);
        }
        parts.add(new Part("native library", COMPUTING));
        return computing("worker", config.local().stageMemory().worker(), heaps, needed, parts);
    }

    /** As the worker makes it; a bound that holds not one sequence is refused there, by name. */
    private CacheSize cache(RespecConfig config, int capacity) {
        return WorkerModels.cacheThatFits(
                config.worker(),
                new CacheMemory(policy, computeType(config), drafter == null ? 0 : FEATURE_LAYERS),
                capacity);
    }

    /** A bound on the cache that is a part of full capacity in every slot; one sequence fits. */
    long keyValueMegabytes(RespecConfig config, int part) {
        int capacity = Math.min(config.worker().capacity(), policy.maxPositions());
        CacheMemory memory = new CacheMemory(policy, computeType(config), drafter == null ? 0 : FEATURE_LAYERS);
        long whole = memory.bytes(CacheSize.whole(config.worker().slots(), capacity));
        long bytes = Math.max(memory.bytes(CacheSize.whole(1, capacity)), whole / part);
        return (bytes + Bytes.MEBI - 1) / Bytes.MEBI;
    }

    /** Tokens that the cache holds, of all sequences together. */
    private static long cacheColumns(CacheSize cache, CacheMemory memory) {
        return memory.isPaged()
                ? (long) cache.pages() * PageTable.COLUMNS
                : (long) cache.wholeSlots() * cache.capacity();
    }

    private static String named(CacheSize cache) {
        boolean whole = cache.pages()
                == CacheSize.whole(cache.slots(), cache.capacity()).pages();
        return whole
                ? "keys and values of " + cache.slots() + " slots"
                : "keys and values, " + cache.pages() + " pages of " + PageTable.COLUMNS + " tokens";
    }

    ProcessMemory trainer(RespecConfig config, Heaps heaps) {
        var section = config.trainer();
        int longest = Math.min(config.worker().capacity(), policy.maxPositions());
        long tokens = Math.max(section.microBatchTokens(), longest);
        Activations kept = section.gradientCheckpointing() ? Activations.RECOMPUTED : Activations.KEPT;
        int rank = section.lora().rank();
        TrainingMemory memory = rank == 0
                ? TrainingMemory.ofWeights(policy, tokens, kept, section.threads())
                : TrainingMemory.ofAdapter(policy, stored, rank, tokens, kept);
        List<Part> parts = new ArrayList<>();
        parts.add(new Part("policy", memory.weights()));
        parts.add(new Part("gradients", memory.gradients()));
        parts.add(new Part("moments", memory.moments()));
        if (section.loss().kl() > 0 && rank == 0) {
            parts.add(new Part("first policy", policy.parameters() * Float.BYTES));
        }
        parts.add(new Part("activations", memory.activations()));
        parts.add(new Part("logits", memory.logits()));
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
        return config.model().computeType() == ModelSection.ComputeType.FLOAT32 || onHeap(config)
                ? ComputeType.FLOAT32
                : ComputeType.BFLOAT16;
    }

    /** Without machine code, bfloat16 is computed by Java's vectors, whose weights and caches are on the heap. */
    private boolean onHeap(RespecConfig config) {
        return config.model().computeType() != ModelSection.ComputeType.FLOAT32
                && !TargetModel.runsInMachineCode(policy);
    }

    /** Outside the heap; a worker that compares both kernels first has the one in float32 there. */
    private long weights(RespecConfig config, long parameters) {
        return parameters * (computeType(config) == ComputeType.BFLOAT16 ? HALF : Float.BYTES);
    }

    /** The longest chain that any drafter may propose. */
    int longestDraft(RespecConfig config) {
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

    private static long embeddings(ModelConfig model) {
        return (long) model.vocabularySize() * model.hiddenSize();
    }
}
