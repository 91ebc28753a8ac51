package dev.respec.generation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.generation.engine.OriginSpan.DraftSource;
import dev.respec.generation.engine.OriginSpan.Origin;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.eagle3.Eagle3Drafter;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.model.suffix.SuffixDrafter;
import dev.respec.model.suffix.SuffixDrafterConfig;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is recorded of the tokens' origins, against what the drafters proposed and what came out: an accepted draft token is
 * one that came out where it was proposed.
 */
class TokenOriginsTest {
    private static final long SEED = Long.getLong("seed", 31);
    private static final int VOCABULARY = 5;
    private static final int STOP = 0;
    private static final Checkpoint POLICY =
            Checkpoint.random(ModelConfig.qwen2(VOCABULARY, 16, 32, 8, 2, 1, 96, List.of(STOP)), 3, 0.4, 1);
    private static final Checkpoint SMALLER =
            Checkpoint.random(ModelConfig.qwen2(VOCABULARY, 8, 16, 2, 1, 1, 96, List.of(STOP)), 5, 0.4, 1);
    private static final List<Setting> SETTINGS = List.of(
            Setting.OFF,
            Setting.chain("suffix", 5),
            Setting.chain("eagle3", 1),
            Setting.chain("eagle3", 4),
            Setting.tree("eagle3", "3x3/9"),
            Setting.tree("eagle3", "2x2/4"),
            Setting.chain("model", 3));

    /** A proposal by its request and the length of the response before it. */
    private final Map<String, Proposal> proposals = new HashMap<>();

    private record Proposal(DraftSource source, int[] tokens, int[] parents) {}

    @ParameterizedTest
    @ValueSource(doubles = {0, 1})
    void shouldTileEveryResponseWithWhatCameOfTheDrafts(double temperature) {
        SplittableRandom random = new SplittableRandom(SEED);
        List<CompletedSequence> done = new ArrayList<>();
        try (GenerationEngine engine = engine(6)) {
            for (int i = 0; i < 60; i++) {
                engine.submit(request(i, temperature, 1 + random.nextInt(40)));
            }
            for (int step = 0; !engine.idle(); step++) {
                engine.use(SettingTable.always(SETTINGS.get(random.nextInt(SETTINGS.size()))));
                if (random.nextInt(12) == 0) {
                    engine.adoptPolicy(POLICY, step, GenerationEngine.CachesOnSwap.values()[random.nextInt(2)]);
                }
                if (random.nextInt(20) == 0) {
                    String cancelled = "r" + random.nextInt(60);
                    done.addAll(engine.cancel(each -> each.id().equals(cancelled)));
                }
                done.addAll(engine.step());
            }
        }
        Set<Origin> origins = EnumSet.noneOf(Origin.class);
        Set<DraftSource> sources = EnumSet.noneOf(DraftSource.class);
        for (CompletedSequence sequence : done) {
            String id = sequence.request().id() + ", seed " + SEED;
            assertThat(sequence.origins()).as(id).isEqualTo(expected(sequence));
            assertThat(sequence.origins().stream()
                            .mapToInt(OriginSpan::tokenCount)
                            .sum())
                    .as(id)
                    .isEqualTo(sequence.response().length);
            assertThat(sequence.origins().stream()
                            .filter(span -> span.origin() == Origin.DRAFTED)
                            .mapToInt(OriginSpan::tokenCount)
                            .sum())
                    .as(id)
                    .isEqualTo(sequence.acceptedDraftTokens());
            sequence.origins().forEach(span -> origins.add(span.origin()));
            sequence.origins().forEach(span -> sources.add(span.source()));
        }
        assertThat(origins).isEqualTo(EnumSet.allOf(Origin.class));
        assertThat(sources).isEqualTo(EnumSet.complementOf(EnumSet.of(DraftSource.OTHER)));
    }

    @Test
    void shouldCallPlainWhatNothingWasDraftedFor() {
        try (GenerationEngine engine = engine(2)) {
            engine.submit(request(0, 1, 30));
            List<CompletedSequence> done = new ArrayList<>();
            while (!engine.idle()) {
                done.addAll(engine.step());
            }
            assertThat(done.get(0).origins())
                    .containsExactly(new OriginSpan(
                            Origin.PLAIN, DraftSource.NONE, done.get(0).response().length));
        }
    }

    /** From the proposals and the response alone. */
    private List<OriginSpan> expected(CompletedSequence sequence) {
        int[] response = sequence.response();
        List<OriginSpan> spans = new ArrayList<>();
        for (int at = 0; at < response.length; ) {
            Proposal proposal = proposals.get(key(sequence.request(), at));
            if (proposal == null || proposal.tokens().length == 0) {
                add(spans, Origin.PLAIN, DraftSource.NONE);
                at++;
                continue;
            }
            int node = -1;
            int child = child(proposal, node, response, at);
            while (child >= 0) {
                add(spans, Origin.DRAFTED, proposal.source());
                node = child;
                at++;
                child = at < response.length ? child(proposal, node, response, at) : -1;
            }
            if (at < response.length) {
                int parent = node;
                boolean leaf = Arrays.stream(proposal.parents()).noneMatch(each -> each == parent);
                add(spans, leaf ? Origin.BONUS : Origin.RECOVERED, proposal.source());
                at++;
            }
        }
        return spans;
    }

    private static int child(Proposal proposal, int node, int[] response, int at) {
        for (int child = 0; child < proposal.tokens().length; child++) {
            if (proposal.parents()[child] == node && proposal.tokens()[child] == response[at]) {
                return child;
            }
        }
        return -1;
    }

    private static void add(List<OriginSpan> spans, Origin origin, DraftSource source) {
        int last = spans.size() - 1;
        if (last >= 0 && spans.get(last).origin() == origin && spans.get(last).source() == source) {
            spans.set(last, new OriginSpan(origin, source, spans.get(last).tokenCount() + 1));
        } else {
            spans.add(new OriginSpan(origin, source, 1));
        }
    }

    private static String key(SequenceRequest request, int responseLength) {
        return request.id() + " " + responseLength;
    }

    private static SequenceRequest request(int index, double temperature, int maxTokens) {
        SamplingOptions sampling =
                temperature == 0 ? SamplingOptions.greedy() : SamplingOptions.atTemperature(temperature);
        return new SequenceRequest(
                "r" + index, "p", new int[] {1, 2, 3}, sampling, maxTokens, new SplittableRandomStream(23, index));
    }

    private GenerationEngine engine(int slots) {
        Eagle3Config config = Eagle3Config.forTarget(POLICY.config());
        Eagle3Checkpoint drafter = Eagle3Checkpoint.random(
                config, IntStream.range(0, VOCABULARY).toArray(), POLICY.tensor("model.embed_tokens.weight"), 9);
        TargetModel target =
                TargetModel.load(POLICY, slots, 96, ComputeType.FLOAT32, config.featureLayers(POLICY.config()));
        Eagle3Drafter model = Eagle3Drafter.load(drafter, drafter.embeddings(POLICY), ComputeType.FLOAT32, slots, 96);
        TargetModel smaller = TargetModel.load(SMALLER, slots, 96, ComputeType.FLOAT32, new int[0]);
        return new GenerationEngine(
                target,
                List.of(
                        new Recording(new SuffixDrafting(new SuffixDrafter(SuffixDrafterConfig.defaults()))),
                        new Recording(new Eagle3Drafting(target, model, 0, 4)),
                        new Recording(new ModelDrafting(smaller, 6))),
                List.of(STOP),
                new StepStatistics(List.of(1, 8, 64)));
    }

    /** A drafter whose proposals are kept. */
    private final class Recording implements Drafter {
        private final Drafter drafter;

        Recording(Drafter drafter) {
            this.drafter = drafter;
        }

        @Override
        public String name() {
            return drafter.name();
        }

        @Override
        public void begin(Sequence sequence, int slot) {
            drafter.begin(sequence, slot);
        }

        @Override
        public void emitted(Sequence sequence, int count) {
            drafter.emitted(sequence, count);
        }

        @Override
        public void finish(Sequence sequence) {
            drafter.finish(sequence);
        }

        @Override
        public void moveSlot(int from, int to) {
            drafter.moveSlot(from, to);
        }

        @Override
        public void draft(List<Sequence> active, Setting setting, Drafts drafts) {
            drafter.draft(active, setting, drafts);
            DraftSource source = switch (name()) {
                case "suffix" -> DraftSource.SUFFIX;
                case "model" -> DraftSource.MODEL;
                default -> setting.branching() > 1 ? DraftSource.EAGLE3_TREE : DraftSource.EAGLE3_CHAIN;
            };
            for (int slot = 0; slot < active.size(); slot++) {
                int count = drafts.count(slot);
                Sequence sequence = active.get(slot);
                proposals.put(
                        key(sequence.request(), sequence.responseLength()),
                        new Proposal(
                                source,
                                Arrays.copyOf(drafts.tokens(slot), count),
                                drafts.isTree(slot)
                                        ? Arrays.copyOf(drafts.parents(slot), count)
                                        : IntStream.range(-1, count - 1).toArray()));
            }
        }

        @Override
        public void close() {
            drafter.close();
        }
    }
}
