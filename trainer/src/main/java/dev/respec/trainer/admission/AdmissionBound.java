package dev.respec.trainer.admission;

/**
 * How much may be admitted.
 *
 * @param groupsPerStep B, groups consumed by one training step
 * @param maxStaleness η, versions a token may lag behind
 * @param totalGroups groups the whole run consumes
 * @param mostAttempts how often one prompt is asked at most
 */
public record AdmissionBound(int groupsPerStep, int maxStaleness, long totalGroups, int mostAttempts) {
    public AdmissionBound {
        if (groupsPerStep < 1 || maxStaleness < 0 || totalGroups < 0 || mostAttempts < 1) {
            throw new IllegalArgumentException("groups and attempts must be positive, staleness not negative");
        }
    }

    /** Groups that may be in flight or accepted at a version: min((η + version + 1)·B, all groups of the run). */
    public long limit(long version) {
        return Math.min((maxStaleness + version + 1) * groupsPerStep, totalGroups);
    }
}
