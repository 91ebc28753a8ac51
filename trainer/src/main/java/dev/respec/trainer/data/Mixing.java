package dev.respec.trainer.data;

/** Deterministic hashes that depend on nothing but their input; they decide splits, orders and seeds. */
public final class Mixing {
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private Mixing() {}

    /** Combines two numbers into one with all bits mixed (the finaliser of SplitMix64). */
    public static long mix(long first, long second) {
        return finish(finish(first + GOLDEN_RATIO) + second * GOLDEN_RATIO);
    }

    /** Hash of a text: FNV-1a over its UTF-16 units, with all bits mixed. */
    public static long hash(String text) {
        var hash = FNV_OFFSET;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return finish(hash);
    }

    private static long finish(long value) {
        var mixed = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
