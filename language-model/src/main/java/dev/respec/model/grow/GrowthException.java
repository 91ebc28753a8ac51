package dev.respec.model.grow;

/** A shape that a checkpoint cannot be enlarged to; the message names the size, what is possible and what was asked. */
public final class GrowthException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public GrowthException(String message) {
        super(message);
    }
}
