package dev.respec.ops.generate;

import dev.respec.generation.engine.Drafter;
import dev.respec.generation.engine.Drafts;
import dev.respec.generation.engine.Sequence;
import dev.respec.speculation.Setting;
import java.util.Arrays;
import java.util.List;

/** Hears every token as the engine emits it; proposes nothing. */
final class EmittedTokens implements Drafter {
    private final Listener listener;

    EmittedTokens(Listener listener) {
        this.listener = listener;
    }

    /** Told the tokens of one step of one sequence. */
    interface Listener {
        void emitted(String request, int[] tokens);
    }

    @Override
    public String name() {
        return "emitted-tokens";
    }

    @Override
    public void emitted(Sequence sequence, int count) {
        int end = sequence.length();
        listener.emitted(sequence.request().id(), Arrays.copyOfRange(sequence.tokens(), end - count, end));
    }

    @Override
    public void draft(List<Sequence> active, Setting setting, Drafts drafts) {}
}
