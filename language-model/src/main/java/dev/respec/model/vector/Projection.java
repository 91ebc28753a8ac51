package dev.respec.model.vector;

import dev.respec.model.checkpoint.HostTensor;

/** One linear map of the model, of the rows that it was made for. */
interface Projection {
    /** Floats from one row of a product to the next. */
    int stride();

    /** Takes new weights: [out, in], matrices one below the other. */
    void adopt(HostTensor... weights);

    /** The weights of one output as they are held, such as an embedding that is the head's. */
    void weights(int output, float[] to, int at);

    /**
     * y = x W^T.
     *
     * @param rows how many are put
     * @param y receives [rows, stride()]
     */
    void apply(int rows, float[] y);

    /**
     * sums += x W^T.
     *
     * @param rows how many are put
     * @param sums [rows, out]
     */
    void addTo(int rows, float[] sums);
}
