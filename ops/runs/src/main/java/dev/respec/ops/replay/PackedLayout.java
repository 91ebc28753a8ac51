package dev.respec.ops.replay;

import org.jspecify.annotations.Nullable;

/** What packed bytes hold, as the schema's documentation says. */
enum PackedLayout {
    INTS,
    FLOATS,
    OPAQUE;

    static PackedLayout of(@Nullable String doc) {
        if (doc == null || !doc.contains("packed little-endian")) {
            return OPAQUE;
        }
        if (doc.contains("packed little-endian int32")) {
            return INTS;
        }
        if (doc.contains("packed little-endian float32")) {
            return FLOATS;
        }
        throw new IllegalStateException("unknown layout: " + doc);
    }
}
