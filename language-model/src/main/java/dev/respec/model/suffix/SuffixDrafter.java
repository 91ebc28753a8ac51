package dev.respec.model.suffix;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Drafts from what was already written, without a model. Each running sequence has a tree over its own prompt and
 * response; all samples of a prompt, running or finished, here or on another worker, share one tree over their
 * responses. The draft of the better score wins, the sequence's own on equal scores.
 *
 * <p>Responses enter the shared tree token by token while they are generated, so the samples of a group help each other
 * at once. Prompts without running samples are forgotten, least recently used first, when the trees outgrow their bound.
 *
 * <p>Confined to the thread that runs the generation engine.
 */
public final class SuffixDrafter {
    private final SuffixDrafterConfig config;
    private final Map<Long, Running> running = new HashMap<>();
    private final Map<Long, Prompt> prompts = new LinkedHashMap<>(16, 0.75f, true);
    private long tokens;

    private record Running(Prompt prompt, SuffixTree own, SuffixTree.Sequence text, SuffixTree.Sequence response) {}

    private static final class Prompt {
        final SuffixTree tree;
        final Deque<SuffixTree.Sequence> finished = new ArrayDeque<>();
        int runningSamples;

        Prompt(int maxDepth) {
            this.tree = new SuffixTree(maxDepth);
        }
    }

    public SuffixDrafter(SuffixDrafterConfig config) {
        this.config = config;
    }

    /** A key for a prompt that every worker computes alike: samples of equal prompts share their history. */
    public static long promptKey(int[] promptTokens) {
        long key = promptTokens.length;
        for (int token : promptTokens) {
            key = (key ^ token) * 0x9e3779b97f4a7c15L;
            key ^= key >>> 32;
        }
        return key;
    }

    /**
     * Starts a sequence.
     *
     * @param sequenceKey any key that no running sequence has
     * @param promptKey what samples of the same prompt have in common, see {@link #promptKey(int[])}
     */
    public void begin(long sequenceKey, long promptKey, int[] promptTokens) {
        if (running.containsKey(sequenceKey)) {
            throw new IllegalStateException("sequence %d is already running".formatted(sequenceKey));
        }
        var prompt = prompt(promptKey);
        prompt.runningSamples++;
        var own = new SuffixTree(config.maxDepth() + config.maxLength());
        var text = own.open();
        own.append(text, promptTokens, 0, promptTokens.length);
        running.put(sequenceKey, new Running(prompt, own, text, prompt.tree.open()));
    }

    /** Appends emitted[0 … count-1] to a running sequence's response. */
    public void append(long sequenceKey, int[] emitted, int count) {
        var sequence = sequence(sequenceKey);
        sequence.own().append(sequence.text(), emitted, 0, count);
        appendShared(sequence.prompt(), sequence.response(), emitted, count);
    }

    /**
     * Drafts what follows a running sequence.
     *
     * @param out receives the tokens
     * @return number of drafted tokens, at most maxTokens and the configured length; 0 if nothing is known
     */
    public int draft(long sequenceKey, int maxTokens, int[] out) {
        var draft = speculate(sequenceKey, maxTokens);
        for (int i = 0; i < draft.count(); i++) {
            out[i] = draft.token(i);
        }
        return draft.count();
    }

    /** As {@link #draft}, with probabilities and score; overwritten by the next call. */
    public SuffixDraft speculate(long sequenceKey, int maxTokens) {
        var sequence = sequence(sequenceKey);
        var context = sequence.text().tokens();
        int to = sequence.text().length();
        int from = Math.max(0, to - config.maxDepth());
        int limit = Math.min(maxTokens, config.maxLength());
        var own = sequence.own().speculate(context, from, to, limit, config.options());
        var shared = sequence.prompt().tree.speculate(context, from, to, limit, config.options());
        return shared.score() > own.score() ? shared : own;
    }

    /** Ends a running sequence; its response stays in the window of its prompt. */
    public void finish(long sequenceKey) {
        var sequence = sequence(sequenceKey);
        running.remove(sequenceKey);
        var prompt = sequence.prompt();
        prompt.runningSamples--;
        retain(prompt, sequence.response());
        forgetOldPrompts();
    }

    /** Learns a response generated elsewhere. One generated here is already known: do not pass it again. */
    public void observe(long promptKey, int[] responseTokens) {
        var prompt = prompt(promptKey);
        var sequence = prompt.tree.open();
        appendShared(prompt, sequence, responseTokens, responseTokens.length);
        retain(prompt, sequence);
        forgetOldPrompts();
    }

    /** Prompts with a shared tree. */
    public int prompts() {
        return prompts.size();
    }

    /** Tokens in all shared trees. */
    public long tokens() {
        return tokens;
    }

    private Prompt prompt(long promptKey) {
        return prompts.computeIfAbsent(promptKey, key -> new Prompt(config.maxDepth() + config.maxLength()));
    }

    private Running sequence(long sequenceKey) {
        var sequence = running.get(sequenceKey);
        if (sequence == null) {
            throw new IllegalStateException("sequence %d is not running".formatted(sequenceKey));
        }
        return sequence;
    }

    private void appendShared(Prompt prompt, SuffixTree.Sequence sequence, int[] appended, int count) {
        prompt.tree.append(sequence, appended, 0, count);
        tokens += count;
    }

    private void retain(Prompt prompt, SuffixTree.Sequence sequence) {
        prompt.finished.addLast(sequence);
        while (prompt.finished.size() > config.window()) {
            remove(prompt, prompt.finished.removeFirst());
        }
    }

    private void remove(Prompt prompt, SuffixTree.Sequence sequence) {
        long before = prompt.tree.tokens();
        prompt.tree.remove(sequence);
        tokens += prompt.tree.tokens() - before;
    }

    private void forgetOldPrompts() {
        var oldest = prompts.values().iterator();
        while (tokens > config.maxTokens() && oldest.hasNext()) {
            var prompt = oldest.next();
            if (prompt.runningSamples == 0) {
                tokens -= prompt.tree.tokens();
                oldest.remove();
            }
        }
    }
}
