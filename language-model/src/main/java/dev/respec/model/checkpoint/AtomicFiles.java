package dev.respec.model.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Replaces a file as a whole: written beside it, forced to disk, moved over it. */
final class AtomicFiles {
    private AtomicFiles() {}

    interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    static void write(Path file, byte[] bytes) {
        write(file, channel -> {
            var buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        });
    }

    static void write(Path file, Content content) {
        try {
            var directory = file.toAbsolutePath().getParent();
            Files.createDirectories(directory);
            var partial = Files.createTempFile(directory, "." + file.getFileName(), ".partial");
            try {
                try (var channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
                    content.writeTo(channel);
                    channel.force(true);
                }
                Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(partial);
            }
        } catch (IOException e) {
            throw new CheckpointException("%s: cannot be written: %s".formatted(file, Safetensors.describe(e)), e);
        }
    }
}
