package dev.respec.model.chat;

/** Text marked as safe HTML. Nothing escapes here, so it counts for its text; operators that would escape refuse it. */
record Markup(String text) {}
