/** What an experiment is, how large it may be, and how much time it has. */
@NullMarked
package dev.respec.ops.paper.experiment;

import org.jspecify.annotations.NullMarked;
