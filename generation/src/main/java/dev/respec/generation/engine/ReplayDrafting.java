package dev.respec.generation.engine;

import dev.respec.speculation.Setting;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Drafts what the same sequence emitted when it was decoded plainly before: the upper bound of what any drafter gains, for
 * benchmarks. Verification is the usual one, so what is emitted stays exact. Drafts that were not sampled use one random
 * number per emitted token; a sequence that draws the same numbers again therefore accepts all of them, except where
 * another batch rounds the logits differently. It then drafts nothing more.
 */
public final class ReplayDrafting implements Drafter {
    /** Name in settings. */
    public static final String NAME = "oracle";

    private final Function<SequenceRequest, String> identity;
    private final Map<String, int[]> responses = new HashMap<>();

    /** @param identity equal for requests with the same prompt, sampling and random numbers */
    public ReplayDrafting(Function<SequenceRequest, String> identity) {
        this.identity = identity;
    }

    /** Takes completed sequences in place of those before. */
    public void replay(Collection<CompletedSequence> completed) {
        responses.clear();
        completed.forEach(sequence -> responses.put(identity.apply(sequence.request()), sequence.response()));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void draft(List<Sequence> active, Setting setting, Drafts drafts) {
        for (int slot = 0; slot < active.size(); slot++) {
            Sequence sequence = active.get(slot);
            int[] response = responses.get(identity.apply(sequence.request()));
            if (response == null || !isPrefix(sequence, response)) {
                continue;
            }
            int at = sequence.responseLength();
            int count = Math.min(Math.min(setting.draftLength(), sequence.draftRoom()), response.length - at);
            if (count > 0) {
                System.arraycopy(response, at, drafts.buffer(slot), 0, count);
                drafts.propose(slot, count, null);
            }
        }
    }

    private static boolean isPrefix(Sequence sequence, int[] response) {
        int from = sequence.promptLength();
        int length = sequence.responseLength();
        return length < response.length && Arrays.equals(sequence.tokens(), from, from + length, response, 0, length);
    }
}
