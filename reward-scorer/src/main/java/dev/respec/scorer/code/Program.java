package dev.respec.scorer.code;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The program of a response: its last fenced block in the language, or without a language; else its last fenced block; else
 * the whole response. A block that is still open when the response ends counts.
 *
 * @param fenced whether it stood in a block
 */
record Program(String source, boolean fenced) {
    private static final Pattern FENCE = Pattern.compile("(?m)^([ \\t]*)(`{3,}|~{3,})[ \\t]*([^\\s`]*)[^\\n`]*$");

    /** A fenced block; {@code language} is lower case. */
    private record Block(String language, String source) {}

    static Program of(String response, Language language) {
        List<Block> blocks = blocks(response);
        Set<String> names = language.fenceNames();
        return blocks.stream()
                .filter(block -> block.language().isEmpty() || names.contains(block.language()))
                .reduce((first, second) -> second)
                .or(() -> blocks.stream().reduce((first, second) -> second))
                .map(block -> new Program(block.source(), true))
                .orElseGet(() -> new Program(response, false));
    }

    private static List<Block> blocks(String response) {
        var blocks = new ArrayList<Block>();
        Matcher fence = FENCE.matcher(response);
        int from = 0;
        while (fence.find(from)) {
            int indent = fence.group(1).length();
            String mark = fence.group(2);
            String language = fence.group(3).toLowerCase(Locale.ROOT);
            int start = Math.min(response.length(), fence.end() + 1);
            Pattern closing = Pattern.compile("(?m)^[ \\t]*" + mark.charAt(0) + "{" + mark.length() + ",}[ \\t]*$");
            Matcher end = closing.matcher(response);
            if (!end.find(start)) {
                blocks.add(new Block(language, outdented(response.substring(start), indent)));
                break;
            }
            blocks.add(new Block(language, outdented(response.substring(start, end.start()), indent)));
            if (end.end() >= response.length()) {
                break;
            }
            from = end.end();
        }
        return blocks;
    }

    /** A block in a list is indented like its fence. */
    private static String outdented(String block, int indent) {
        return indent == 0 ? block : block.replaceAll("(?m)^[ \\t]{1," + indent + "}", "");
    }
}
