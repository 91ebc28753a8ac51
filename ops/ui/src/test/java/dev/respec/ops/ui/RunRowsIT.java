package dev.respec.ops.ui;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.replay.RecordedRun;
import dev.respec.ops.replay.RunDatabase;
import dev.respec.ops.replay.RunFollower;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RunRowsIT {
    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    private final RunRows rows = new RunRows();

    @BeforeAll
    static void record() {
        RecordedRun.write(cluster.events());
    }

    @Test
    void shouldTellEachViewerEveryRowOnce() throws InterruptedException {
        try (RunDatabase database = new RunDatabase();
                RunFollower follower = database.follow(cluster.events(), RecordedRun.RUN, Long.MAX_VALUE)) {
            // Given
            RunRows.Cursor early = new RunRows.Cursor();
            RunRows.Cursor late = new RunRows.Cursor();
            assertThat(follower.catchUp((done, total) -> {})).isTrue();
            rows.refresh(database);
            rows.show("{\"at\":1}");
            assertThat(news(early).rows().get(Feed.STEPS)).hasSize(2);
            assertThat(rows.next(early, 1)).isNull();

            // When
            assertThat(follower.catchUp((done, total) -> {})).isFalse();
            rows.refresh(database);
            rows.show("{\"at\":2}");

            // Then
            RunRows.News news = news(early);
            assertThat(news.reset()).isFalse();
            assertThat(news.rows()).isEmpty();
            assertThat(news.state()).isEqualTo("{\"at\":2}");
            assertThat(news(late).rows().get(Feed.STEPS)).hasSize(2);
        }
    }

    @Test
    void shouldStartAgainWithARunThatIsReadAgain() throws InterruptedException {
        RunRows.Cursor viewer = new RunRows.Cursor();
        rows.show("{\"at\":1}");
        assertThat(news(viewer).reset()).isTrue();
        rows.show("{\"at\":2}");
        assertThat(news(viewer).reset()).isFalse();

        rows.clear();
        rows.show("{\"at\":2}");

        assertThat(news(viewer).reset()).isTrue();
        assertThat(rows.all(Feed.STEPS)).isEqualTo(List.of());
    }

    private RunRows.News news(RunRows.Cursor cursor) throws InterruptedException {
        return requireNonNull(rows.next(cursor, 1));
    }
}
