package dev.respec.trainer.data;

import dev.respec.stage.BadInputException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** The text of a data file: UTF-8, or UTF-16 with a byte order mark; either may be compressed with gzip. */
final class DataFile {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private DataFile() {}

    /** @throws BadInputException if the file cannot be read or is not text */
    static String read(Path file) {
        byte[] bytes = uncompressed(file, bytes(file));
        Charset charset = charset(bytes);
        var decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer input = ByteBuffer.wrap(bytes);
        CharBuffer text = CharBuffer.allocate(bytes.length + 1);
        CoderResult result = decoder.decode(input, text, true);
        text.flip();
        if (result.isError()) {
            throw new BadInputException("%s:%d: not %s text (byte 0x%02X): save the file as UTF-8"
                    .formatted(file, lines(text), charset, bytes[input.position()] & 0xFF));
        }
        return withoutMarks(text.toString());
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new BadInputException("data file " + file + " does not exist: data.train and data.evaluation take the"
                    + " path of a JSON Lines file, or " + PromptSource.ARITHMETIC);
        } catch (IOException e) {
            String reason = Files.isDirectory(file) ? "it is a folder: name a JSON Lines file in it" : e.getMessage();
            throw new BadInputException("data file " + file + " cannot be read: " + reason);
        }
    }

    private static byte[] uncompressed(Path file, byte[] bytes) {
        boolean gzip = bytes.length > 2 && (bytes[0] & 0xFF) == 0x1F && (bytes[1] & 0xFF) == 0x8B;
        if (!gzip) {
            return bytes;
        }
        try (var stream = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new BadInputException("data file " + file + " is not a complete gzip file: " + e.getMessage());
        }
    }

    private static Charset charset(byte[] bytes) {
        int first = bytes.length < 2 ? 0 : (bytes[0] & 0xFF) << 8 | bytes[1] & 0xFF;
        return first == 0xFFFE || first == 0xFEFF ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8;
    }

    private static long lines(CharSequence text) {
        return 1 + text.chars().filter(character -> character == '\n').count();
    }

    /** Files that were put together carry a mark at the start of each part. */
    private static String withoutMarks(String text) {
        String rest = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
        return rest.replace("\n" + BYTE_ORDER_MARK, "\n");
    }
}
