/**
 * The speculation controller: acceptance statistics and measured costs to the setting of every active batch. The
 * decision has no broker, no clock and no randomness in it, so that it replays.
 */
@NullMarked
package dev.respec.controller;

import org.jspecify.annotations.NullMarked;
