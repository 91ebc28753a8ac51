package dev.respec.artefacts;

import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.StageContext;
import io.micrometer.core.instrument.Counter;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store whose {@link #put} waits if it cannot write: a full disk or a store that does not answer costs time and
 * loses nothing. It says so in a line each time, and gives up when the stage shall end.
 */
public final class PatientArtefactStore implements ArtefactStore {
    private static final Logger log = LoggerFactory.getLogger(PatientArtefactStore.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final ArtefactStore store;
    private final StageContext context;
    private final Duration firstPause;
    private final Counter retries;

    public PatientArtefactStore(ArtefactStore store, StageContext context) {
        this(store, context, FIRST_PAUSE);
    }

    PatientArtefactStore(ArtefactStore store, StageContext context, Duration firstPause) {
        this.store = store;
        this.context = context;
        this.firstPause = firstPause;
        this.retries = context.metrics().counter("respec.artefacts.retries");
    }

    @Override
    public StoredArtefact put(String name, Path directory) {
        Duration pause = firstPause;
        while (true) {
            try {
                return store.put(name, directory);
            } catch (ArtefactException e) {
                if (context.stopping()) {
                    throw e;
                }
                retries.increment();
                log.atWarn()
                        .addKeyValue("artefact", name)
                        .addKeyValue("reason", e.getMessage())
                        .addKeyValue("nextTry", pause)
                        .log("Artefact cannot be written; make room or repair the store, the stage waits");
                context.awaitStop(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            }
        }
    }

    @Override
    public Path fetch(WeightUpdate update, Path cacheDirectory) {
        return store.fetch(update, cacheDirectory);
    }

    @Override
    public void delete(String name) {
        store.delete(name);
    }
}
