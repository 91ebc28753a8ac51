/** Traces of requests through the stages. */
@NullMarked
package dev.respec.stage.tracing;

import org.jspecify.annotations.NullMarked;
