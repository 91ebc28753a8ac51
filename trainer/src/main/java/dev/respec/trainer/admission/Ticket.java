package dev.respec.trainer.admission;

/**
 * A request that was admitted.
 *
 * @param requestIndex counts the run's requests; never used twice
 * @param promptPosition where in the data the prompt stands
 * @param attempt 0 when the prompt is asked for the first time, one more each time it is asked again
 */
public record Ticket(long requestIndex, long promptPosition, int attempt) {
    public Ticket {
        if (requestIndex < 0 || promptPosition < 0 || attempt < 0) {
            throw new IllegalArgumentException("a ticket counts from 0");
        }
    }

    /** What the ticket asks, apart from its index. */
    Question question() {
        return new Question(promptPosition, attempt);
    }

    /** A prompt asked for the n-th time. */
    public record Question(long promptPosition, int attempt) {
        Question again() {
            return new Question(promptPosition, attempt + 1);
        }
    }
}
