package dev.respec.stage;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The bytes of a file from an offset on, so many and no more. */
public final class FileSection extends InputStream {
    private final FileChannel channel;
    private long left;

    public FileSection(Path file, long from, long length) {
        try {
            this.channel = FileChannel.open(file, StandardOpenOption.READ);
            channel.position(from);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.left = length;
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        int read = channel.read(ByteBuffer.wrap(bytes, offset, (int) Math.min(length, left)));
        left -= Math.max(0, read);
        return read;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
