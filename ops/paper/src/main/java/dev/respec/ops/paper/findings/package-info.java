/** What an experiment found: plots, tables, claims with their verdicts, and the page they make. */
@NullMarked
package dev.respec.ops.paper.findings;

import org.jspecify.annotations.NullMarked;
