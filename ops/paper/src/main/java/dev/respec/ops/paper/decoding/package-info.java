/** Speed of decoding by batch, temperature and drafter. */
@NullMarked
package dev.respec.ops.paper.decoding;

import org.jspecify.annotations.NullMarked;
