package dev.respec.model.vector;

import dev.respec.model.kernels.Torch;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The caller and its members share out the parts of one job after another.
 *
 * <p>Jobs are a few microseconds apart, so members watch for the next one without sleeping for a moment. Each has a share of
 * the parts and takes what is left of the others' when its own is done: a member that the operating system holds back
 * delays nobody for longer than the part it is in. Counters lie a few cache lines apart and are written by their owner
 * alone as long as nobody is late: a line that two processors write costs more than a norm of a row. Two callers at once
 * are safe, each does what no member takes.
 */
final class Team {
    /** Integers between two counters. */
    private static final int APART = 32;

    private static final long WATCH_NANOS = 100_000;
    private static final int LOOKS = 64;
    /** Rows from which work that is not a product is shared. */
    private static final int SHARED_ROWS = 4;
    /** One team of each size a process: its members sleep when there is nothing to do. */
    private static final Map<Integer, Team> TEAMS = new ConcurrentHashMap<>();

    private final Member[] members;
    private volatile Job job = new Job(0, 1, part -> {});

    private static final class Job {
        private final int parts;
        private final int shares;
        private final IntConsumer work;
        /** The next part of each share, and how many are finished behind them. */
        private final AtomicIntegerArray counters;

        private volatile @Nullable Throwable failure;

        Job(int parts, int shares, IntConsumer work) {
            this.parts = parts;
            this.shares = shares;
            this.work = work;
            this.counters = new AtomicIntegerArray((shares + 2) * APART);
            for (int share = 1; share < shares; share++) {
                counters.setPlain(next(share), first(share));
            }
        }

        private int first(int share) {
            return (int) ((long) parts * share / shares);
        }

        private static int next(int share) {
            return (share + 1) * APART;
        }

        private int finishedAt() {
            return next(shares);
        }

        /** Does a share, then what is left of the others. */
        void help(int own) {
            int done = 0;
            for (int i = 0; i < shares; i++) {
                int share = (own + i) % shares;
                int end = first(share + 1);
                while (counters.get(next(share)) < end) {
                    int part = counters.getAndIncrement(next(share));
                    if (part < end) {
                        attempt(part);
                        done++;
                    }
                }
            }
            if (done > 0) {
                counters.getAndAdd(finishedAt(), done);
            }
        }

        private void attempt(int part) {
            try {
                work.accept(part);
            } catch (Throwable e) {
                failure = e;
            }
        }

        boolean finished() {
            return counters.get(finishedAt()) == parts;
        }
    }

    /** @param size threads, the caller's among them */
    static Team of(int size) {
        return TEAMS.computeIfAbsent(size, Team::new);
    }

    private Team(int size) {
        members = new Member[size - 1];
        for (int i = 0; i < members.length; i++) {
            members[i] = new Member(i + 1);
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
        Job next = new Job(parts, size(), work);
        job = next;
        for (Member member : members) {
            if (member.asleep) {
                LockSupport.unpark(member);
            }
        }
        next.help(0);
        long begun = 0;
        while (!next.finished()) {
            for (int look = 0; look < LOOKS && !next.finished(); look++) {
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

    /** Parts of a shared range per thread, so that one that is held back leaves work to the others. */
    private static final int PARTS_A_THREAD = 3;

    /** A part of a range, from before to. */
    @FunctionalInterface
    interface Range {
        void accept(int from, int to);
    }

    /** Calls work with parts of 0 to count, together all of it. */
    void share(int count, Range work) {
        int parts = size() == 1 ? 1 : Math.min(count, size() * PARTS_A_THREAD);
        run(parts, part -> work.accept(count * part / parts, count * (part + 1) / parts));
    }

    /** Calls work with parts of 0 to count that have at most so many elements each, together all of it. */
    void pieces(int count, int most, Range work) {
        int parts = (count + most - 1) / most;
        run(parts, part -> work.accept(part * most, Math.min(count, (part + 1) * most)));
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
        private final int share;
        private volatile boolean asleep;

        Member(int share) {
            this.share = share;
        }

        @Override
        public void run() {
            Torch.enterHelper();
            Job seen = job;
            while (true) {
                seen = await(seen);
                seen.help(share);
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
