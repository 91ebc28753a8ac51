/** Programs that the policy wrote, run against tests outside of this process. */
@NullMarked
package dev.respec.scorer.code;

import org.jspecify.annotations.NullMarked;
