package dev.respec.model.checkpoint;

/** Sliding windows in config.json: every layer of ours sees the whole sequence, so that a window must not matter. */
final class AttentionWindow {
    private AttentionWindow() {}

    /**
     * Refuses a window that hides a position from a layer.
     *
     * @param maxPositions the longest sequence; a window as long as that hides nothing
     * @throws CheckpointException naming the field that asks for one
     */
    static void requireNone(JsonFields config, int layers, int maxPositions) {
        boolean used = config.flag("use_sliding_window", false);
        int window = config.integer("sliding_window", 4096);
        if (window >= maxPositions) {
            return;
        }
        var types = config.node("layer_types");
        for (var type : types) {
            if (!type.asText().equals("full_attention")) {
                throw config.refuse("layer_types", "full_attention in every layer", type.asText());
            }
        }
        // Without a list of types, the layers from max_window_layers on have the window.
        if (used && types.isEmpty() && config.integer("max_window_layers", 28) < layers) {
            throw config.refuse("use_sliding_window", "false", "true");
        }
    }
}
