package dev.respec.ops.paper.decoding;

import dev.respec.generation.engine.Eagle3Drafting;
import dev.respec.speculation.Setting;
import java.util.ArrayList;
import java.util.List;

/**
 * The grid of Fig. 7, from ranges of draft depth s, children of a node t and verified tokens n. A chain (t = 1) verifies
 * the s tokens that it drafts; a tree of depth s drafts t + (s - 1) t² tokens and verifies n of them, more than a chain.
 */
final class SettingGrid {
    static final List<Integer> DEPTHS = List.of(2, 3, 5, 8);
    private static final List<Integer> CHILDREN = List.of(2, 4, 8);
    private static final List<Integer> TOKENS = List.of(4, 8, 16, 32);

    private SettingGrid() {}

    static List<Setting> all() {
        List<Setting> all = new ArrayList<>();
        for (int depth : DEPTHS) {
            all.add(chain(depth));
            for (int children : CHILDREN) {
                for (int tokens : TOKENS) {
                    if (tokens > depth && tokens <= children + (depth - 1) * children * children) {
                        all.add(tree(depth, children, tokens));
                    }
                }
            }
        }
        return all;
    }

    static Setting chain(int depth) {
        return Setting.chain(Eagle3Drafting.NAME, depth);
    }

    /** Of its depth, the one with the most children and tokens: no smaller one of that depth accepts more. */
    static Setting widest(int depth) {
        return tree(depth, CHILDREN.get(CHILDREN.size() - 1), TOKENS.get(TOKENS.size() - 1));
    }

    /** The chain and the widest tree of each depth: what a fit of costs and acceptance needs. */
    static List<Setting> probes() {
        List<Setting> probes = new ArrayList<>();
        for (int depth : DEPTHS) {
            probes.add(chain(depth));
            probes.add(widest(depth));
        }
        return probes;
    }

    private static Setting tree(int depth, int children, int tokens) {
        return new Setting(Eagle3Drafting.NAME, depth, children, tokens);
    }
}
