package dev.respec.model.chat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** Which variables the macros read that are being parsed, the innermost last. */
final class NamesRead {
    private final Deque<Set<String>> macros = new ArrayDeque<>();

    void enter() {
        macros.push(new HashSet<>());
    }

    Set<String> leave() {
        return Set.copyOf(macros.pop());
    }

    void read(String name) {
        macros.forEach(names -> names.add(name));
    }
}
