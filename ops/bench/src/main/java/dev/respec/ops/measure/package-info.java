/** What is measured on one machine with an engine of its own: held-out pass@1, throughput with and without drafts. */
@NullMarked
package dev.respec.ops.measure;

import org.jspecify.annotations.NullMarked;
