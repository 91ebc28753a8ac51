@NullMarked
package dev.respec.ops.exported;

import org.jspecify.annotations.NullMarked;
