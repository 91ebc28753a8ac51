package dev.respec.model.chat;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A set of variables that loops may change: {@code namespace(found=false)}. */
record Namespace(Map<String, @Nullable Object> values) {}
