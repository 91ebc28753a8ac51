package dev.respec.model.training;

import dev.respec.model.machine.CallList;
import dev.respec.model.training.LayerMemory.Kept;
import dev.respec.model.training.LayerMemory.Room;
import dev.respec.model.training.LayerMemory.Transposed;

/**
 * A layer's work on some rows.
 *
 * @param first row
 * @param rows that follow each other
 */
record LayerWork(CallList calls, LayerMemory memory, int layer, int first, int rows) {
    Kept kept() {
        return memory.kept(layer);
    }

    Room room() {
        return memory.room();
    }

    Transposed transposed() {
        return memory.transposed();
    }

    /** Address of the first row where all rows have so many floats. */
    long rowsOf(long address, int floats) {
        return address + (long) first * floats * Float.BYTES;
    }
}
