/** The page of a run: what its topics hold, in a browser, while it goes on and afterwards. */
@NullMarked
package dev.respec.ops.ui;

import org.jspecify.annotations.NullMarked;
