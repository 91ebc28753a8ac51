package dev.respec.learner.state;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What the buffer holds, by position in the topic, oldest first.
 *
 * @param fresh how many of the last training rollouts no round has seen
 */
public record BufferState(List<RecordPosition> training, List<RecordPosition> heldOut, int fresh) {
    public static final BufferState EMPTY = new BufferState(List.of(), List.of(), 0);

    public BufferState {
        training = List.copyOf(training);
        heldOut = List.copyOf(heldOut);
    }

    /** First offset by partition from which the topic has to be read again. */
    public Map<Integer, Long> firstOffsets() {
        var first = new TreeMap<Integer, Long>();
        Stream.concat(training.stream(), heldOut.stream())
                .forEach(position -> first.merge(position.partition(), position.offset(), Math::min));
        return first;
    }
}
