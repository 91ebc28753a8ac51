package dev.respec.artefacts;

import dev.respec.schemas.ArtefactFile;
import java.util.List;

/**
 * What a weight update says about its bytes.
 *
 * @param uri folder of the files
 * @param files sorted by name
 */
public record StoredArtefact(String uri, List<ArtefactFile> files) {
    public StoredArtefact {
        files = List.copyOf(files);
    }
}
