package dev.respec.model.training;

import dev.respec.model.machine.CallList;
import dev.respec.model.training.LayerMemory.Kept;
import dev.respec.model.training.LayerMemory.Room;
import dev.respec.model.training.LayerMemory.Transposed;

/**
 * A layer's work on a chunk of whole sequences.
 *
 * @param first row of the micro-batch that the chunk begins with
 * @param sequences in the chunk
 * @param width rows of each sequence
 */
record LayerWork(CallList calls, LayerMemory memory, int layer, int first, int sequences, int width) {
    int rows() {
        return sequences * width;
    }

    Kept kept() {
        return memory.kept(layer);
    }

    Room room() {
        return memory.room();
    }

    Transposed transposed() {
        return memory.transposed();
    }

    /** Address of the chunk's first row in rows of so many floats. */
    long rowsOf(long address, int floats) {
        return address + (long) first * floats * Float.BYTES;
    }
}
