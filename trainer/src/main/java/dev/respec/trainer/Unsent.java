package dev.respec.trainer;

/**
 * Which events of a checkpoint the topics lack: a crash may come between the checkpoint and its events.
 *
 * @param ahead the topics know a later step than the checkpoint: going on would make versions twice
 */
record Unsent(boolean weightUpdate, boolean trainingStep, boolean ahead) {
    /**
     * Compares a checkpoint with the topics.
     *
     * @param step of the checkpoint
     * @param version of the checkpoint's weights
     * @param lastVersion newest policy version in {@code weight-updates}; -1 if there is none
     * @param lastStep last step in {@code training-steps}; -1 if there is none
     */
    static Unsent of(long step, long version, long lastVersion, long lastStep) {
        return new Unsent(lastVersion < version, lastStep < step, lastVersion > version || lastStep > step);
    }
}
