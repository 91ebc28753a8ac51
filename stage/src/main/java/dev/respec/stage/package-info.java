/** What the process of every stage shares: lifecycle, health, metrics. */
@NullMarked
package dev.respec.stage;

import org.jspecify.annotations.NullMarked;
