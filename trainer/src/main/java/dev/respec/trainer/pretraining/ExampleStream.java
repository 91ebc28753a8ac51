package dev.respec.trainer.pretraining;

/** Examples without end. */
@FunctionalInterface
public interface ExampleStream {
    /**
     * The example at a position, the same for the same arguments.
     *
     * @param position 0 and up
     * @param progress how far training has come, from 0 to 1; a curriculum looks at it
     */
    WorkedExample at(long position, double progress);
}
