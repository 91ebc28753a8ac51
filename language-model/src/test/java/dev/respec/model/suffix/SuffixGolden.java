package dev.respec.model.suffix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.Golden;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Cases of golden/suffix. */
final class SuffixGolden {
    private SuffixGolden() {}

    static Stream<JsonNode> cases(String file) {
        try {
            var json = new JsonMapper().readTree(Golden.path(file).toFile());
            return StreamSupport.stream(json.get("cases").spliterator(), false);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static int[] tokens(JsonNode node) {
        var tokens = new int[node.size()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = node.get(i).intValue();
        }
        return tokens;
    }

    static SuffixDraft speculate(SuffixTree tree, int[] context, int from, int to, JsonNode params) {
        var options = new SuffixOptions(
                params.get("max_spec_factor").floatValue(),
                params.get("max_spec_offset").floatValue(),
                params.get("min_token_prob").floatValue());
        int maxTokens = params.get("max_spec_tokens").intValue();
        return params.get("use_tree_spec").booleanValue()
                ? tree.speculateTree(context, from, to, maxTokens, options)
                : tree.speculate(context, from, to, maxTokens, options);
    }

    record Expected(JsonNode json, boolean tieFree, boolean tree) {
        static Expected of(JsonNode step, JsonNode params) {
            return new Expected(
                    step.get("expected"),
                    step.get("tie_free").booleanValue(),
                    params.get("use_tree_spec").booleanValue());
        }

        /** Where equally frequent continuations decide, only the first token's probability is comparable. */
        void assertMatches(SuffixDraft draft) {
            if (!tieFree) {
                assertThat(draft.count() == 0).isEqualTo(json.get("token_ids").isEmpty());
                return;
            }
            assertThat(draft.matchLength()).isEqualTo(json.get("match_len").intValue());
            assertThat(draft.score()).isCloseTo(json.get("score").floatValue(), within(1e-5f));
            assertThat(draft.count()).isEqualTo(json.get("token_ids").size());
            if (tree) {
                assertThat(paths(draft)).isEqualTo(expectedPaths());
            } else {
                for (int node = 0; node < draft.count(); node++) {
                    assertThat(draft.token(node))
                            .isEqualTo(json.get("token_ids").get(node).intValue());
                    assertThat(draft.parent(node)).isEqualTo(node - 1);
                    assertThat(draft.probability(node))
                            .isCloseTo(json.get("probs").get(node).floatValue(), within(1e-6f));
                }
            }
        }

        private Map<List<Integer>, Long> expectedPaths() {
            var tokens = json.get("token_ids");
            var paths = new HashMap<List<Integer>, Long>();
            for (int node = 0; node < tokens.size(); node++) {
                var path = new ArrayList<Integer>();
                for (int i = node; i >= 0; i = json.get("parents").get(i).intValue()) {
                    path.add(0, tokens.get(i).intValue());
                }
                paths.put(path, Math.round(json.get("probs").get(node).doubleValue() * 1e5));
            }
            return paths;
        }

        private static Map<List<Integer>, Long> paths(SuffixDraft draft) {
            var paths = new HashMap<List<Integer>, Long>();
            for (int node = 0; node < draft.count(); node++) {
                var path = new ArrayList<Integer>();
                for (int i = node; i >= 0; i = draft.parent(i)) {
                    path.add(0, draft.token(i));
                }
                paths.put(path, Math.round(draft.probability(node) * 1e5));
            }
            return paths;
        }
    }
}
