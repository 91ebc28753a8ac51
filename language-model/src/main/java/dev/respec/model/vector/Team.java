package dev.respec.model.vector;

import dev.respec.model.kernels.Torch;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The caller and its members share out the parts of one job after another.
 *
 * <p>Jobs are a few microseconds apart, so members watch for the next one without sleeping for a moment. Whoever is free
 * takes the next part: a member that the operating system holds back delays nobody for longer than the part it is in. Two
 * callers at once are safe, each does what no member takes.
 */
final class Team {
    private static final long WATCH_NANOS = 100_000;
    private static final int LOOKS = 64;
    /** Rows from which work that is not a product is shared. */
    private static final int SHARED_ROWS = 4;
    /** One team of each size a process: its members sleep when there is nothing to do. */
    private static final Map<Integer, Team> TEAMS = new ConcurrentHashMap<>();

    private final Member[] members;
    private volatile Job job = new Job(0, part -> {});

    private static final class Job {
        private final int parts;
        private final IntConsumer work;
        private final AtomicInteger taken = new AtomicInteger();
        private final AtomicInteger finished = new AtomicInteger();
        private volatile @Nullable Throwable failure;

        Job(int parts, IntConsumer work) {
            this.parts = parts;
            this.work = work;
        }

        void help() {
            int part = taken.getAndIncrement();
            while (part < parts) {
                try {
                    work.accept(part);
                } catch (Throwable e) {
                    failure = e;
                }
                finished.getAndIncrement();
                part = taken.getAndIncrement();
            }
        }
    }

    /** @param size threads, the caller's among them */
    static Team of(int size) {
        return TEAMS.computeIfAbsent(size, Team::new);
    }

    private Team(int size) {
        members = new Member[size - 1];
        for (int i = 0; i < members.length; i++) {
            members[i] = new Member();
            members[i].setDaemon(true);
            members[i].setName("decoding-member-" + i);
            members[i].start();
        }
    }

    int size() {
        return members.length + 1;
    }

    /** Calls work with 0 to parts - 1, each once, on whichever thread; returns when all are done. */
    void run(int parts, IntConsumer work) {
        if (members.length == 0 || parts == 1) {
            for (int part = 0; part < parts; part++) {
                work.accept(part);
            }
            return;
        }
        Job next = new Job(parts, work);
        job = next;
        for (Member member : members) {
            if (member.asleep) {
                LockSupport.unpark(member);
            }
        }
        next.help();
        long begun = 0;
        while (next.finished.get() < parts) {
            for (int look = 0; look < LOOKS && next.finished.get() < parts; look++) {
                // no pause instruction: a virtual machine may take the processor away for it
            }
            long now = System.nanoTime();
            begun = begun == 0 ? now : begun;
            if (now - begun > WATCH_NANOS) {
                Thread.yield();
            }
        }
        Throwable failure = next.failure;
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    /** Calls work with each row; a few on the caller's thread. */
    void each(int rows, IntConsumer work) {
        if (rows < SHARED_ROWS) {
            for (int row = 0; row < rows; row++) {
                work.accept(row);
            }
        } else {
            run(rows, work);
        }
    }

    private final class Member extends Thread {
        private volatile boolean asleep;

        @Override
        public void run() {
            Torch.enterHelper();
            Job seen = job;
            while (true) {
                seen = await(seen);
                seen.help();
            }
        }

        private Job await(Job seen) {
            long begun = System.nanoTime();
            while (job == seen) {
                for (int look = 0; look < LOOKS && job == seen; look++) {
                    // as above
                }
                if (System.nanoTime() - begun > WATCH_NANOS) {
                    asleep = true;
                    if (job == seen) {
                        LockSupport.park(Team.this);
                    }
                    asleep = false;
                }
            }
            return job;
        }
    }
}
