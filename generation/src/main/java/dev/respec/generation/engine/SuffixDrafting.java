package dev.respec.generation.engine;

import dev.respec.model.suffix.SuffixDrafter;
import dev.respec.speculation.Setting;
import java.util.Arrays;
import java.util.List;

/** Drafts from the suffix trees of the prompt's own rollouts: those running, those finished here, those of the topic. */
public final class SuffixDrafting implements Drafter {
    /** Name in settings. */
    public static final String NAME = "suffix";

    private final SuffixDrafter trees;

    public SuffixDrafting(SuffixDrafter trees) {
        this.trees = trees;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void begin(Sequence sequence, int slot) {
        int[] prompt = sequence.request().prompt();
        if (sequence.responseLength() == 0) {
            trees.begin(sequence.key(), SuffixDrafter.promptKey(prompt), prompt);
        }
    }

    @Override
    public void emitted(Sequence sequence, int count) {
        int from = sequence.length() - count;
        trees.append(sequence.key(), Arrays.copyOfRange(sequence.tokens(), from, sequence.length()), count);
    }

    @Override
    public void finish(Sequence sequence) {
        trees.finish(sequence.key());
    }

    @Override
    public void draft(List<Sequence> active, Setting setting, Drafts drafts) {
        for (int slot = 0; slot < active.size(); slot++) {
            Sequence sequence = active.get(slot);
            int most = Math.min(setting.draftLength(), sequence.draftRoom());
            if (most > 0) {
                drafts.propose(slot, trees.draft(sequence.key(), most, drafts.buffer(slot)), null);
            }
        }
    }

    /** A rollout that another worker generated. */
    public void observe(int[] prompt, int[] response) {
        trees.observe(SuffixDrafter.promptKey(prompt), response);
    }
}
