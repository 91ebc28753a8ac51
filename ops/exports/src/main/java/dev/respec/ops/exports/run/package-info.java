/** What is exported of a run, and the contract of a target. */
@NullMarked
package dev.respec.ops.exports.run;

import org.jspecify.annotations.NullMarked;
