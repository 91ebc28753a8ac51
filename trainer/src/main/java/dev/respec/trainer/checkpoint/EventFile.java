package dev.respec.trainer.checkpoint;

import dev.respec.schemas.TrustedEvents;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/** One event in an Avro container file, which carries its schema, so that later versions can read it. */
final class EventFile {
    static {
        TrustedEvents.trust();
    }

    private EventFile() {}

    static <V extends SpecificRecord> void write(Path file, V event) throws IOException {
        try (var writer = new DataFileWriter<V>(new SpecificDatumWriter<V>(event.getSchema()))) {
            writer.create(event.getSchema(), file.toFile());
            writer.append(event);
        }
    }

    static <V extends SpecificRecord> V read(Path file, Class<V> type) throws IOException {
        try (var reader = new DataFileReader<V>(file.toFile(), new SpecificDatumReader<V>(type))) {
            return reader.next();
        }
    }
}
