package dev.respec.model.eagle3;

/**
 * Accepted tokens by which one sequence's drafter cache grows.
 *
 * <p>Row t of the drafter joins the target's features of token t with token t+1. After a verify step that accepted a
 * draft tokens these are a+1 rows: the features the target just computed for its own last token and the accepted drafts,
 * each with the token behind it, the last one being the recovered or bonus token.
 */
public final class Extension {
    private final int firstFeatureRow;
    private final int[] nextTokens;

    /**
     * One row for each of the tokens.
     *
     * @param firstFeatureRow place of the first row's features among the features handed over; the others follow it
     * @param nextTokens the token after each row's, at least one; not copied, so it must not change before it is used
     */
    public Extension(int firstFeatureRow, int[] nextTokens) {
        if (firstFeatureRow < 0 || nextTokens.length == 0) {
            throw new IllegalArgumentException("an extension needs a feature row and at least one token");
        }
        this.firstFeatureRow = firstFeatureRow;
        this.nextTokens = nextTokens;
    }

    int rows() {
        return nextTokens.length;
    }

    int featureRow(int row) {
        return firstFeatureRow + row;
    }

    int nextToken(int row) {
        return nextTokens[row];
    }
}
