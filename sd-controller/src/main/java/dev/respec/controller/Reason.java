package dev.respec.controller;

import java.util.Locale;

/** Why a setting is in force. */
enum Reason {
    /** Best by predicted gain. */
    ARGMAX,
    /** Another is better, but not by enough. */
    HYSTERESIS,
    /** Another is better, but this one has just begun. */
    DWELL,
    /** Its drafter's acceptance has fallen to nothing. */
    COLLAPSE,
    /** Off for want of costs or acceptance. */
    NO_DATA,
    /** Off because the setting before was slower than off. */
    SLOWER;

    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
