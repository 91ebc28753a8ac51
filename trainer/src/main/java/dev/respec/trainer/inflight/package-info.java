/** Who holds the requests in flight, and which of them must be asked again. */
@NullMarked
package dev.respec.trainer.inflight;

import org.jspecify.annotations.NullMarked;
