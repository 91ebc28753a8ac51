package dev.respec.generation;

import dev.respec.generation.engine.DraftLength;
import dev.respec.generation.engine.Drafter;
import dev.respec.generation.engine.Eagle3Drafting;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.generation.engine.ModelDrafting;
import dev.respec.generation.engine.StepStatistics;
import dev.respec.generation.engine.SuffixDrafting;
import dev.respec.model.CacheMemory;
import dev.respec.model.TargetModel;
import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.decoding.CacheSize;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.eagle3.Eagle3Drafter;
import dev.respec.model.kernels.ComputeDevice;
import dev.respec.model.kernels.Torch;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.model.suffix.SuffixDrafter;
import dev.respec.model.suffix.SuffixDrafterConfig;
import dev.respec.speculation.Setting;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ModelSection;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.WorkerSection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Policy, drafters and tokenizer of one engine, loaded from checkpoint folders. Owned by one thread. */
public final class WorkerModels implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerModels.class);

    private final ComputeType computeType;
    private final GenerationEngine.CachesOnSwap cachesOnSwap;
    private final TextTokenizer tokenizer;
    private final SuffixDrafting suffix;
    private final @Nullable Eagle3Drafting eagle3;
    private final @Nullable HostTensor draftEmbeddings;
    private final GenerationEngine engine;
    /** What an adapter changes: the policy that the worker was started with. */
    private final Checkpoint base;

    /**
     * A drafter with weights of its own.
     *
     * @param embeddings with which it reads tokens; learning does not change them, so updates come without
     */
    private record Learned(Eagle3Drafting drafting, HostTensor embeddings) {}

    private Checkpoint policy;

    private WorkerModels(
            ComputeType computeType,
            GenerationEngine.CachesOnSwap cachesOnSwap,
            Checkpoint policy,
            TextTokenizer tokenizer,
            SuffixDrafting suffix,
            @Nullable Learned eagle3,
            GenerationEngine engine) {
        this.computeType = computeType;
        this.cachesOnSwap = cachesOnSwap;
        this.base = policy;
        this.policy = policy;
        this.tokenizer = tokenizer;
        this.suffix = suffix;
        this.eagle3 = eagle3 == null ? null : eagle3.drafting();
        this.draftEmbeddings = eagle3 == null ? null : eagle3.embeddings();
        this.engine = engine;
    }

    /**
     * @param policyFolder Hugging Face checkpoint with tokenizer.json
     * @param drafterFolder EAGLE-3 checkpoint; null for none
     */
    public static WorkerModels load(RespecConfig config, Path policyFolder, @Nullable Path drafterFolder) {
        return load(config, policyFolder, drafterFolder, List.of());
    }

    /** @param more further drafters; one that proposes nothing hears every token as it is emitted */
    public static WorkerModels load(
            RespecConfig config, Path policyFolder, @Nullable Path drafterFolder, List<? extends Drafter> more) {
        Checkpoint policy = Checkpoint.read(policyFolder);
        Eagle3Checkpoint drafter = drafterFolder == null ? null : Eagle3Checkpoint.read(drafterFolder);
        return load(config, policy, drafter, TextTokenizer.open(policyFolder), more);
    }

    /** From checkpoints in memory; the tokenizer is closed with the models. */
    public static WorkerModels load(
            RespecConfig config,
            Checkpoint policy,
            @Nullable Eagle3Checkpoint drafter,
            TextTokenizer tokenizer,
            List<? extends Drafter> more) {
        WorkerSection worker = config.worker();
        tokenizer.requireFits(policy.config());
        ComputeDevice device = config.workerDevice().resolve(ComputeDevice::of);
        Torch.useDevice(device);
        Torch.useThreads(worker.threads());
        ComputeType computeType = computeType(config.model(), policy);
        if (drafter != null) {
            drafter.requireFits(policy.config());
        }
        TargetModel target = target(worker, policy, drafter, device, computeType);
        SuffixDrafting suffix = suffixDrafting(worker.suffix());
        Learned eagle3 =
                drafter == null ? null : eagle3(config, drafter, drafter.embeddings(policy), target, computeType);
        List<Drafter> drafters = new ArrayList<>(List.of(suffix));
        if (eagle3 != null) {
            drafters.add(eagle3.drafting());
        }
        if (!config.model().smaller().equals("none")) {
            drafters.add(smaller(config, target, computeType));
        }
        drafters.addAll(more);
        GenerationEngine engine = new GenerationEngine(
                target,
                drafters,
                policy.config().stopTokens(),
                new StepStatistics(worker.costBatches()),
                worker.draftLimit() == WorkerSection.DraftLimit.CONFIDENCE
                        ? DraftLength.BY_CONFIDENCE
                        : DraftLength.FIXED);
        var cachesOnSwap =
                worker.keepKeyValues() ? GenerationEngine.CachesOnSwap.KEEP : GenerationEngine.CachesOnSwap.RECOMPUTE;
        return new WorkerModels(computeType, cachesOnSwap, policy, tokenizer, suffix, eagle3, engine);
    }

    /** The policy with as many slots as the configuration has room for. */
    private static TargetModel target(
            WorkerSection worker,
            Checkpoint policy,
            @Nullable Eagle3Checkpoint drafter,
            ComputeDevice device,
            ComputeType computeType) {
        int[] features = drafter == null ? new int[0] : drafter.config().featureLayers(policy.config());
        int capacity = Math.min(worker.capacity(), policy.config().maxPositions());
        CacheSize size =
                cacheThatFits(worker, new CacheMemory(policy.config(), computeType, features.length), capacity);
        TargetModel target = TargetModel.load(policy, size, computeType, features);
        if (device.isCpu() && computeType == ComputeType.BFLOAT16 && !target.usesVectors()) {
            log.info(
                    "Steps run in the scripted kernel, which is slower for few rows: the vector kernel needs Java's"
                            + " --add-exports java.base/jdk.internal.module=ALL-UNNAMED and a heap (-Xmx) for weights and caches");
        }
        return target;
    }

    private static Learned eagle3(
            RespecConfig config,
            Eagle3Checkpoint drafter,
            HostTensor embeddings,
            TargetModel target,
            ComputeType computeType) {
        Eagle3Drafter model = Eagle3Drafter.load(drafter, embeddings, computeType, target.slots(), target.capacity());
        return new Learned(new Eagle3Drafting(target, model, 0, config.run().seed()), embeddings);
    }

    private static ModelDrafting smaller(RespecConfig config, TargetModel policy, ComputeType computeType) {
        Checkpoint model = Checkpoint.read(Path.of(config.model().smaller()));
        if (model.config().vocabularySize() != policy.config().vocabularySize()
                || model.config().maxPositions() < policy.capacity()) {
            throw new BadInputException(
                    "model.smaller %s: vocabulary of %d and %d positions; the policy needs %d and %d"
                            .formatted(
                                    config.model().smaller(),
                                    model.config().vocabularySize(),
                                    model.config().maxPositions(),
                                    policy.config().vocabularySize(),
                                    policy.capacity()));
        }
        TargetModel target = TargetModel.load(model, policy.slots(), policy.capacity(), computeType, new int[0]);
        return new ModelDrafting(target, config.run().seed() + 1);
    }

    /**
     * The cache of a worker's policy.
     *
     * @throws BadInputException if {@code worker.key-value-megabytes} does not hold one sequence
     */
    public static CacheSize cacheThatFits(WorkerSection worker, CacheMemory memory, int capacity) {
        if (worker.keyValueMegabytes() == 0) {
            return CacheSize.whole(worker.slots(), capacity);
        }
        CacheSize size = memory.within((long) worker.keyValueMegabytes() << 20, worker.slots(), capacity);
        if (size == null) {
            double needed = memory.bytes(CacheSize.whole(1, capacity));
            throw new BadInputException(
                    "worker.key-value-megabytes: %d MiB do not hold one sequence of %d tokens (%.1f MiB); raise it or lower worker.capacity"
                            .formatted(worker.keyValueMegabytes(), capacity, needed / (1 << 20)));
        }
        return size;
    }

    private static ComputeType computeType(ModelSection model, Checkpoint policy) {
        return switch (model.computeType()) {
            case FLOAT32 -> ComputeType.FLOAT32;
            case BFLOAT16 -> ComputeType.BFLOAT16;
            case AUTO -> Torch.device().isCpu() ? FastestComputeType.of(policy) : ComputeType.BFLOAT16;
        };
    }

    private static SuffixDrafting suffixDrafting(WorkerSection.Suffix suffix) {
        var settings = new SuffixDrafterConfig(suffix.maxDepth(), suffix.window(), suffix.maxLength());
        return new SuffixDrafting(new SuffixDrafter(settings));
    }

    /** Settings the controller may choose from. */
    public List<Setting> candidates(WorkerSection worker) {
        WorkerSection.DraftLengths lengths = worker.draftLengths();
        List<Setting> settings = new ArrayList<>();
        lengths.suffix().forEach(length -> settings.add(Setting.chain(SuffixDrafting.NAME, length)));
        if (eagle3 != null) {
            lengths.eagle3().forEach(length -> settings.add(Setting.chain(Eagle3Drafting.NAME, length)));
            worker.draftTrees().forEach(tree -> settings.add(Setting.tree(Eagle3Drafting.NAME, tree)));
        }
        if (engine.drafter(ModelDrafting.NAME) != null) {
            lengths.model().forEach(length -> settings.add(Setting.chain(ModelDrafting.NAME, length)));
        }
        return settings;
    }

    /**
     * Takes policy weights between two steps: a checkpoint, or an adapter of the policy the worker was started with.
     *
     * @throws dev.respec.model.checkpoint.CheckpointException if they do not fit; the weights are then as before
     */
    public void adoptPolicy(Path folder, long version) {
        Checkpoint next = LoraAdapter.policyIn(folder, base);
        engine.adoptPolicy(next, version, cachesOnSwap);
        policy = next;
    }

    /** Takes drafter weights between two steps; refuses as {@link #adoptPolicy} does. */
    public void adoptDrafter(Path folder, long version) {
        if (eagle3 != null && draftEmbeddings != null) {
            Eagle3Checkpoint drafter = Eagle3Checkpoint.read(folder).orEmbeddings(draftEmbeddings);
            eagle3.adopt(drafter, drafter.embeddings(policy), version);
        }
    }

    public long drafterVersion() {
        return eagle3 == null ? 0 : eagle3.version();
    }

    public ComputeType computeType() {
        return computeType;
    }

    public TextTokenizer tokenizer() {
        return tokenizer;
    }

    public SuffixDrafting suffix() {
        return suffix;
    }

    public GenerationEngine engine() {
        return engine;
    }

    @Override
    public void close() {
        engine.close();
        tokenizer.close();
    }
}
