package dev.respec.trainer.admission;

/**
 * A request that a step read and left out, as its event names it.
 *
 * @param reason one word
 */
public record DroppedRequest(String requestId, String reason) {
    /** The reason of a complete group whose rewards are all equal: it is set aside, and its prompt not asked again. */
    public static final String EQUAL_REWARDS = "equal-rewards";

    /** The reason of a group that had not come when it was dropped: if it comes after all, it is dropped again. */
    public static final String TIMED_OUT = "timed-out";

    /** Reads an entry of {@code droppedRequestIds}. */
    public static DroppedRequest parse(String entry) {
        int space = entry.indexOf(' ');
        return space < 0
                ? new DroppedRequest(entry, "no reason")
                : new DroppedRequest(entry.substring(0, space), entry.substring(space + 1));
    }

    /** As it stands in {@code droppedRequestIds}. */
    public String entry() {
        return requestId + " " + reason;
    }

    /** Whether the group was complete and taught nothing. */
    public boolean isSetAside() {
        return reason.equals(EQUAL_REWARDS);
    }
}
