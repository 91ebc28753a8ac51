package dev.respec.model.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A tensor's values in another floating-point type, converted part by part as they are read. */
final class ConvertedBytes implements TensorBytes {
    private final HostTensor source;
    private final ElementType type;

    ConvertedBytes(HostTensor source, ElementType type) {
        if (!source.type().isFloating() || !type.isFloating()) {
            throw FloatFormats.notFloating(source.type().isFloating() ? type : source.type());
        }
        this.source = source;
        this.type = type;
    }

    @Override
    public long size() {
        return source.size() * type.bytes();
    }

    /** @param from a multiple of the element's bytes, as is count */
    @Override
    public ByteBuffer part(long from, int count) {
        var values = new float[count / type.bytes()];
        source.read(from / type.bytes(), values, 0, values.length);
        var part = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        FloatFormats.encode(type, values, values.length, part);
        return part;
    }

    @Override
    public void release(long from, long count) {
        source.release(from / type.bytes(), count / type.bytes());
    }
}
