package dev.respec.model.eagle3;

/**
 * Accepted tokens by which one sequence's drafter cache grows.
 *
 * <p>Row t of the drafter joins the target's features of token t with token t+1. After a verify step that accepted a
 * draft tokens these are a+1 rows: the features the target just computed for its own last token and the accepted drafts,
 * each with the token behind it, the last one being the recovered or bonus token.
 *
 * @param firstFeatureRow place of the first row's features among the features handed over; the others follow it
 * @param nextTokens the token after each row's; count is its length, at least 1
 */
public record Extension(int firstFeatureRow, int[] nextTokens) {
    public Extension {
        if (firstFeatureRow < 0 || nextTokens.length == 0) {
            throw new IllegalArgumentException("an extension needs a feature row and at least one token");
        }
    }
}
