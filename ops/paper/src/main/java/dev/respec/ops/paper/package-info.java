/** The paper's experiments as a command: within a budget, with their results in one file and one page. */
@NullMarked
package dev.respec.ops.paper;

import org.jspecify.annotations.NullMarked;
