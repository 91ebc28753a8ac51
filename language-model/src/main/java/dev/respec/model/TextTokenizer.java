package dev.respec.model;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

/**
 * Text to token ids and back by a Hugging Face {@code tokenizer.json}. Any thread may encode and decode; the owner
 * closes.
 */
public final class TextTokenizer implements AutoCloseable {
    private static final String FILE = "tokenizer.json";

    static {
        // DJL reports its use over the network, and looks for a CUDA build of the tokenizer where it sees a GPU.
        setIfAbsent("OPT_OUT_TRACKING", "true");
        setIfAbsent("RUST_FLAVOR", "cpu");
    }

    private final Path file;
    private final HuggingFaceTokenizer tokenizer;
    private final int vocabularySize;

    private TextTokenizer(Path file, HuggingFaceTokenizer tokenizer, int vocabularySize) {
        this.file = file;
        this.tokenizer = tokenizer;
        this.vocabularySize = vocabularySize;
    }

    /**
     * Opens the tokenizer of a model directory.
     *
     * @param directoryOrFile a directory with a tokenizer.json, or such a file
     * @throws CheckpointException naming the file if it is missing or unusable
     */
    public static TextTokenizer open(Path directoryOrFile) {
        var file = Files.isDirectory(directoryOrFile) ? directoryOrFile.resolve(FILE) : directoryOrFile;
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(
                    "%s: no such file; slow tokenizers without a tokenizer.json are not supported".formatted(file));
        }
        try {
            // a vocabulary of 150 thousand takes both readers most of a second
            var size = CompletableFuture.supplyAsync(() -> TokenizerVocabulary.size(file));
            var tokenizer = HuggingFaceTokenizer.builder()
                    .optTokenizerPath(file)
                    .optAddSpecialTokens(false)
                    .optTruncation(false)
                    .optPadding(false)
                    .build();
            try {
                return new TextTokenizer(file, tokenizer, size.join());
            } catch (CompletionException e) {
                tokenizer.close();
                Throwable cause = e.getCause();
                throw unusable(file, cause == null ? e : cause);
            }
        } catch (CheckpointException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw unusable(file, e);
        }
    }

    /**
     * Writes tokenizer.json and tokenizer_config.json of a tokenizer with one token a character, loadable by
     * transformers too. Ids: the special tokens in their order, then the characters in theirs. A special token is taken
     * for the role that its name contains: pad, bos, eos or end, unk. Without one for unk, encoding refuses any other
     * character.
     */
    public static void writeCharacterTokenizer(Path directory, String characters, List<String> specials) {
        CharacterTokenizerJson.write(directory, characters, specials);
    }

    /**
     * Encodes without adding special tokens; those spelled out in the text are recognised.
     *
     * @throws IllegalArgumentException if the text holds what the vocabulary cannot express
     */
    public int[] encode(String text) {
        try {
            return Arrays.stream(tokenizer.encode(text, false, false).getIds())
                    .mapToInt(Math::toIntExact)
                    .toArray();
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(
                    "%s: cannot encode the text: %s".formatted(file, CheckpointException.firstLine(e)), e);
        }
    }

    /**
     * Encodes what a model continues, the same in training, evaluation and generation. A text that begins with a special
     * token, as a rendered conversation does, stands as it is; any other begins with the tokens that the tokenizer's
     * post-processor puts first, such as a beginning of text. Nothing is put last: the model goes on there.
     *
     * @throws IllegalArgumentException if the text holds what the vocabulary cannot express
     */
    public int[] encodePrompt(String text) {
        int[] plain = encode(text);
        if (plain.length > 0 && isSpecial(plain[0])) {
            return plain;
        }
        Encoding whole = tokenizer.encode(text, true, false);
        int first = 0;
        while (first < whole.getIds().length && whole.getSpecialTokenMask()[first] == 1) {
            first++;
        }
        return IntStream.concat(
                        Arrays.stream(whole.getIds()).limit(first).mapToInt(Math::toIntExact), Arrays.stream(plain))
                .toArray();
    }

    private boolean isSpecial(int token) {
        long[] one = {token};
        return tokenizer.decode(one, true).isEmpty()
                && !tokenizer.decode(one, false).isEmpty();
    }

    /** Decodes, leaving out special tokens. Ids outside the vocabulary decode to nothing. */
    public String decode(int[] tokens) {
        return tokenizer.decode(Arrays.stream(tokens).asLongStream().toArray(), true);
    }

    /** One more than the largest id. A model's embedding may have more rows than that. */
    public int vocabularySize() {
        return vocabularySize;
    }

    /**
     * Checks that a model has a row for every id.
     *
     * @throws CheckpointException if it has not
     */
    public void requireFits(ModelConfig model) {
        if (vocabularySize > model.vocabularySize()) {
            throw new CheckpointException(
                    "%s: its largest id is %d, and the model's vocabulary has %d tokens: the tokenizer belongs to another model"
                            .formatted(file, vocabularySize - 1, model.vocabularySize()));
        }
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private static void setIfAbsent(String property, String value) {
        if (System.getenv(property) == null && System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static CheckpointException unusable(Path file, Throwable reason) {
        return new CheckpointException(
                "%s: not a usable tokenizer: %s".formatted(file, CheckpointException.firstLine(reason)), reason);
    }
}
