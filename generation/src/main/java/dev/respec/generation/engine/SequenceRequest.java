package dev.respec.generation.engine;

import dev.respec.model.sampling.RandomStream;
import dev.respec.model.sampling.SamplingOptions;

/**
 * One completion to be sampled.
 *
 * @param id unique among what the engine holds
 * @param groupKey requests that share it share the prompt: it is computed once and drafted from each other's responses
 * @param prompt at least one token
 * @param maxTokens most response tokens, the stop token included
 * @param statistics whether the steps of this sequence tell how speculation serves
 */
@SuppressWarnings("ArrayRecordComponent") // identity is the id; the tokens are never compared
public record SequenceRequest(
        String id,
        String groupKey,
        int[] prompt,
        SamplingOptions sampling,
        int maxTokens,
        RandomStream random,
        Statistics statistics) {
    /** Whether a sequence's steps are counted. */
    public enum Statistics {
        COUNTED,
        /** They are like nothing else that is served, as the same prompts asked again and again are. */
        LEFT_OUT
    }

    /** A completion whose steps are counted. */
    public SequenceRequest(
            String id, String groupKey, int[] prompt, SamplingOptions sampling, int maxTokens, RandomStream random) {
        this(id, groupKey, prompt, sampling, maxTokens, random, Statistics.COUNTED);
    }

    public SequenceRequest {
        if (prompt.length == 0) {
            throw new IllegalArgumentException("request " + id + " has an empty prompt");
        }
        if (maxTokens < 1) {
            throw new IllegalArgumentException("request " + id + " asks for " + maxTokens + " tokens; at least 1");
        }
    }

    /** The same with at most so many response tokens. */
    SequenceRequest bounded(int mostTokens) {
        return maxTokens <= mostTokens
                ? this
                : new SequenceRequest(id, groupKey, prompt, sampling, mostTokens, random, statistics);
    }
}
