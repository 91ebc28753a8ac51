package dev.respec.model.sampling;

/**
 * SplitMix64 (Steele, Lea and Flood, 2014). The state depends on seed and stream number alone, so a sequence draws the
 * same numbers in whatever slot, worker or order it is generated.
 */
public final class SplittableRandomStream implements RandomStream {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private long state;

    /**
     * @param seed of the request
     * @param stream number of the sample within the request
     */
    public SplittableRandomStream(long seed, long stream) {
        this.state = mix(mix(seed) + GOLDEN_GAMMA * (stream + 1));
    }

    @Override
    public double nextDouble() {
        state += GOLDEN_GAMMA;
        return (mix(state) >>> 11) * 0x1p-53;
    }

    private static long mix(long bits) {
        bits = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
        bits = (bits ^ bits >>> 27) * 0x94d049bb133111ebL;
        return bits ^ bits >>> 31;
    }
}
