package dev.respec.model.suffix;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.model.suffix.SuffixGolden.Expected;
import java.util.ArrayList;
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

    private static final class Request {
        final SuffixTree local;
        final SuffixTree.Sequence text;
        final SuffixTree.Sequence response;
        final List<Integer> context = new ArrayList<>();

        Request(int maxDepth, SuffixTree.Sequence response) {
            this.local = new SuffixTree(maxDepth);
            this.text = local.open();
            this.response = response;
        }

        void append(int[] tokens) {
            local.append(text, tokens, 0, tokens.length);
            IntStream.of(tokens).forEach(context::add);
        }
    }

    private static final class Loop {
        private final JsonNode example;
        private final int maxDepth;
        private final int maxCached;
        private final SuffixTree shared;
        private final List<Request> requests = new ArrayList<>();

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
                    case "add_active_response" -> append(requests.get(request), event);
                    case "speculate" -> speculate(requests.get(request), event);
                    default -> {} // stop_request: the response stays until it is evicted
                }
            }
        }

        private void start(int number, int[] prompt) {
            assertThat(number).isEqualTo(requests.size());
            if (maxCached > 0 && number >= maxCached) {
                shared.remove(requests.get(number - maxCached).response);
            }
            var request = new Request(maxDepth, shared.open());
            request.append(prompt);
            requests.add(request);
        }

        private void append(Request request, JsonNode event) {
            var tokens = SuffixGolden.tokens(event.get("tokens"));
            request.append(tokens);
            if (maxCached != 0) {
                shared.append(request.response, tokens, 0, tokens.length);
            }
        }

        private void speculate(Request request, JsonNode event) {
            var context = request.context.stream().mapToInt(Integer::intValue).toArray();
            int from = Math.max(0, context.length - maxDepth);
            var params = example.get("params");
            var own = SuffixGolden.speculate(request.local, context, from, context.length, params);
            var others = SuffixGolden.speculate(shared, context, from, context.length, params);
            Expected.of(event).assertMatches(others.score() > own.score() ? others : own);
        }
    }
}
