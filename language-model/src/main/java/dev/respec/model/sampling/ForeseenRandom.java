package dev.respec.model.sampling;

/** A random stream whose next numbers can be seen before they are drawn. One thread at a time. */
public final class ForeseenRandom implements RandomStream {
    private final RandomStream source;
    private double[] ahead = new double[0];
    private int first;
    private int end;

    public ForeseenRandom(RandomStream source) {
        this.source = source;
    }

    /** The number that {@link #nextDouble} gives after so many others. */
    public double foreseen(int others) {
        while (end - first <= others) {
            if (end == ahead.length) {
                double[] longer = first > 0 ? ahead : new double[Math.max(8, 2 * end)];
                System.arraycopy(ahead, first, longer, 0, end - first);
                ahead = longer;
                end -= first;
                first = 0;
            }
            ahead[end++] = source.nextDouble();
        }
        return ahead[first + others];
    }

    @Override
    public double nextDouble() {
        return first < end ? ahead[first++] : source.nextDouble();
    }
}
