/** The paper by command: experiments within a budget, their results in one file and one page. */
@NullMarked
package dev.respec.ops.paper;

import org.jspecify.annotations.NullMarked;
