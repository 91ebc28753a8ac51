package dev.respec.artefacts;

import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;

/**
 * Where weights travel by claim check: bytes first, then the event that names them. Holds safetensors and JSON files,
 * and nothing that runs code when it is loaded.
 */
public interface ArtefactStore {
    /** The store that the configuration names. */
    static ArtefactStore of(RespecConfig config) {
        return config.artefacts().isS3() ? S3Stores.open(config) : new FileArtefactStore(config.artefactRoot());
    }

    /**
     * Puts the files of a folder (its sub-folders stay behind) under the name, as links or copies, atomically: a reader
     * finds all of them or none. Putting a name again replaces nothing if the bytes are equal, everything if they differ.
     *
     * @param name path below the root, for example {@code policy/run-7/000012}
     * @throws BadInputException for a file that is neither safetensors nor JSON
     */
    StoredArtefact put(String name, Path directory);

    /**
     * Folder with the update's files, each checked against its size and SHA-256; below the cache folder unless the store
     * is local.
     *
     * @throws ArtefactException if a file is missing or not what the update says
     */
    Path fetch(WeightUpdate update, Path cacheDirectory);

    /** Deletes what was put under the name; nothing if there is none. */
    void delete(String name);
}
