/** What people deploy with, read as strictly as the systems that take it. */
@NullMarked
package dev.respec.ops.deployment;

import org.jspecify.annotations.NullMarked;
