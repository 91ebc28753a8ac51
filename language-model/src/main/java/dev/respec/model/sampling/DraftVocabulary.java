package dev.respec.model.sampling;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The tokens that a drafter can propose, by draft id, as target ids. Immutable. */
public final class DraftVocabulary {
    private final int size;
    private final int @Nullable [] toTarget;
    private final int @Nullable [] toDraft;

    private DraftVocabulary(int size, int @Nullable [] toTarget, int @Nullable [] toDraft) {
        this.size = size;
        this.toTarget = toTarget;
        this.toDraft = toDraft;
    }

    /** A drafter with the target's own vocabulary. */
    public static DraftVocabulary identity(int size) {
        return new DraftVocabulary(size, null, null);
    }

    /**
     * A reduced vocabulary.
     *
     * @param draftToTarget target id of each draft id, without duplicates
     * @throws IllegalArgumentException on a duplicate or an id outside the target's vocabulary
     */
    public static DraftVocabulary of(int[] draftToTarget, int targetVocabularySize) {
        var toDraft = new int[targetVocabularySize];
        Arrays.fill(toDraft, -1);
        for (int id = 0; id < draftToTarget.length; id++) {
            int target = draftToTarget[id];
            if (target < 0 || target >= targetVocabularySize || toDraft[target] >= 0) {
                throw new IllegalArgumentException("draft id %d: target id %d is a duplicate or not below %d"
                        .formatted(id, target, targetVocabularySize));
            }
            toDraft[target] = id;
        }
        return new DraftVocabulary(draftToTarget.length, draftToTarget.clone(), toDraft);
    }

    public int size() {
        return size;
    }

    public int toTarget(int draftId) {
        return toTarget == null ? draftId : toTarget[draftId];
    }

    /** The draft id of a target id, -1 if the drafter cannot propose it. */
    public int toDraft(int targetId) {
        return toDraft != null ? toDraft[targetId] : targetId < size ? targetId : -1;
    }
}
