package dev.respec.model.chat;

/** Something that writes text or sets variables. */
@FunctionalInterface
interface Statement {
    /** How a loop goes on. */
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    Flow render(Scope scope, StringBuilder out);
}
