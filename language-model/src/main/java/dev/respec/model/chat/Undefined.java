package dev.respec.model.chat;

/** The value of what is not there: false, empty as text, and without attributes. */
record Undefined(String name) {}
