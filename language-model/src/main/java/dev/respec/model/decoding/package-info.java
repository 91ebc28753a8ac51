/** The seam between models and the kernels that compute them: what is asked and what is answered. */
@NullMarked
package dev.respec.model.decoding;

import org.jspecify.annotations.NullMarked;
