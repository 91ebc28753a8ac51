/** A run's summary for people and machines: text, JSON, and a self-contained HTML page with plots. */
@NullMarked
package dev.respec.ops.report;

import org.jspecify.annotations.NullMarked;
