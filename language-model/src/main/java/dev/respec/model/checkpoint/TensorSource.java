package dev.respec.model.checkpoint;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/** A tensor that can be written to a file, wherever its values are. */
public interface TensorSource {
    ElementType type();

    long[] shape();

    /** Writes all bytes of the tensor, row-major and little-endian. */
    void writeTo(WritableByteChannel channel) throws IOException;
}
