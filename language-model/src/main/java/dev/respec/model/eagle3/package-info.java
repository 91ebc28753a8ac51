/** EAGLE-3: drafting with a one-layer model over the target's features, and training it. */
@NullMarked
package dev.respec.model.eagle3;

import org.jspecify.annotations.NullMarked;
