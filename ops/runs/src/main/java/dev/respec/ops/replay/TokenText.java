package dev.respec.ops.replay;

import dev.respec.model.TextTokenizer;
import dev.respec.ops.replay.SqlTypes.Column;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Adds text beside token ids: {@code response_tokens} gets {@code response_text}, special tokens left out, and {@code
 * response_pieces}, the text of each token. Null if the run's tokenizer is not at hand.
 */
public final class TokenText {
    /** What the names of the added columns match. */
    static final String COLUMNS = "^(prompt|response)_(text|pieces)$";

    private static final String TOKENS = "Tokens";

    private final @Nullable TextTokenizer tokenizer;
    private final Map<Integer, String> pieces = new HashMap<>();

    /** @param tokenizer the caller's own; null if there is none */
    public TokenText(@Nullable TextTokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Columns that a field of token ids brings along. */
    static List<Column> addedTo(Schema.Field field) {
        boolean tokens = field.name().endsWith(TOKENS)
                && field.schema().getType() == Schema.Type.BYTES
                && PackedLayout.of(field.doc()) == PackedLayout.INTS;
        if (!tokens) {
            return List.of();
        }
        String stem = field.name().substring(0, field.name().length() - TOKENS.length());
        return List.of(new Column(stem + "_text", "VARCHAR"), new Column(stem + "_pieces", "VARCHAR[]"));
    }

    @Nullable
    String text(int[] tokens) {
        return tokenizer == null ? null : tokenizer.decode(tokens);
    }

    @Nullable
    List<String> pieces(int[] tokens) {
        TextTokenizer known = tokenizer;
        if (known == null) {
            return null;
        }
        List<String> result = new ArrayList<>(tokens.length);
        for (int token : tokens) {
            result.add(pieces.computeIfAbsent(token, id -> known.decode(new int[] {id})));
        }
        return result;
    }
}
