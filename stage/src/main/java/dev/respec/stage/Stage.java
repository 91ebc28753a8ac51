package dev.respec.stage;

/** One stage of the pipeline: what a {@link StageProcess} runs. */
public interface Stage {
    /** As in the catalogue of topics, for example {@code trainer}. */
    String name();

    /**
     * Works until it is done or {@link StageContext#stopping()}; runs on one thread, which it may own models and
     * consumers with. Calls {@link StageContext#ready()} when it does what it is for.
     */
    void run(StageContext context) throws Exception;
}
