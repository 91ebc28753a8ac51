package dev.respec.model.suffix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.Golden;
import java.io.IOException;
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
        return tree.speculate(context, from, to, maxTokens, options);
    }

    record Expected(JsonNode json, boolean tieFree) {
        static Expected of(JsonNode step) {
            return new Expected(step.get("expected"), step.get("tie_free").booleanValue());
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
            for (int node = 0; node < draft.count(); node++) {
                assertThat(draft.token(node))
                        .isEqualTo(json.get("token_ids").get(node).intValue());
                assertThat(draft.probability(node))
                        .isCloseTo(json.get("probs").get(node).floatValue(), within(1e-6f));
            }
        }
    }
}
