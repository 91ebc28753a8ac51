package dev.respec.model.suffix;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.model.suffix.SuffixGolden.Expected;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole decode loops: a tree over all responses and one over each request's own text, the better draft wins. */
class SuffixCacheTest {
    static Stream<JsonNode> traces() {
        return SuffixGolden.cases("suffix/suffix_cache.json");
    }

    @ParameterizedTest
    @MethodSource("traces")
    void shouldDraftWhatArcticInferenceDraftsThroughoutADecodeLoop(JsonNode example) {
        new Loop(example).run();
    }

    private static final class Loop {
        private final JsonNode example;
        private final int maxDepth;
        private final int maxCached;
        private final SuffixTree shared;
        private final LinkedHashMap<Integer, SuffixTree.Sequence> cached = new LinkedHashMap<>();
        private final HashMap<Integer, SuffixTree> local = new HashMap<>();
        private final HashMap<Integer, SuffixTree.Sequence> text = new HashMap<>();
        private final HashMap<Integer, List<Integer>> contexts = new HashMap<>();

        Loop(JsonNode example) {
            this.example = example;
            this.maxDepth = example.get("max_tree_depth").intValue();
            this.maxCached = example.get("max_cached_requests").intValue();
            this.shared = new SuffixTree(maxDepth);
        }

        void run() {
            for (var event : example.get("events")) {
                int request = event.get("request").intValue();
                switch (event.get("op").asText()) {
                    case "start_request" -> start(request, SuffixGolden.tokens(event.get("prompt")));
                    case "add_active_response" -> {
                        var tokens = SuffixGolden.tokens(event.get("tokens"));
                        appendLocal(request, tokens);
                        if (maxCached != 0) {
                            shared.append(cached.get(request), tokens, 0, tokens.length);
                        }
                    }
                    case "speculate" -> speculate(request, event);
                    default -> local.remove(request);
                }
            }
        }

        private void start(int request, int[] prompt) {
            local.put(request, new SuffixTree(maxDepth));
            text.put(request, local.get(request).open());
            contexts.put(request, new ArrayList<>());
            appendLocal(request, prompt);
            if (maxCached > 0 && cached.size() == maxCached) {
                int oldest = cached.keySet().iterator().next();
                shared.remove(cached.remove(oldest));
            }
            cached.put(request, shared.open());
        }

        private void appendLocal(int request, int[] tokens) {
            local.get(request).append(text.get(request), tokens, 0, tokens.length);
            IntStream.of(tokens).forEach(contexts.get(request)::add);
        }

        private void speculate(int request, JsonNode event) {
            var context = contexts.get(request).stream().mapToInt(Integer::intValue).toArray();
            int from = Math.max(0, context.length - maxDepth);
            var params = example.get("params");
            var own = SuffixGolden.speculate(local.get(request), context, from, context.length, params);
            var others = SuffixGolden.speculate(shared, context, from, context.length, params);
            Expected.of(event, params).assertMatches(others.score() > own.score() ? others : own);
        }
    }
}
