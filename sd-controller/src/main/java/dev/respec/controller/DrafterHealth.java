package dev.respec.controller;

import dev.respec.controller.HealthAlarm.Kind;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.speculation.Setting;
import dev.respec.speculation.Setting.Family;
import dev.respec.stage.config.ControllerSection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Watches whether drafters still draft anything. Versions of a learned drafter's weights are judged apart, so that good
 * acceptance of the versions before does not hide a broken one: it rests as soon as it has drafted enough to tell.
 *
 * <p>A collapsed drafter rests until its cool-down is over or, if it is learned, until other weights are served. Each
 * further collapse of the same weights doubles the cool-down.
 */
final class DrafterHealth {
    /** Acceptance lengths are those of a draft of this length, so that a change of setting is not a change of health. */
    static final int REFERENCE_LENGTH = 4;

    /** New weights that draft less than this share of what the versions before drafted have collapsed. */
    private static final double LEAST_SHARE_OF_BEFORE = 0.25;

    private static final int LONGEST_COOL_DOWN = 16;

    /** The best acceptance of a run is that of an average over this many windows. */
    private static final int BEST_WINDOWS = 3;

    private final ControllerSection config;
    private final Map<Family, Watched> watched = new LinkedHashMap<>();
    private final List<HealthAlarm> raised = new ArrayList<>();
    private final Set<Family> recovered = new HashSet<>();

    DrafterHealth(ControllerSection config) {
        this.config = config;
    }

    /** Goes on from alarms that stood: what rests goes on resting. The evidence is gathered again. */
    void restore(List<HealthAlarm> alarms) {
        alarms.forEach(alarm -> watched.computeIfAbsent(alarm.family(), family -> new Watched(family, alarm.version()))
                .restore(alarm));
    }

    /** One interval of one worker. Workers that still serve an older version say nothing about the newest. */
    void observe(AcceptanceStats stats, long at) {
        watched.forEach((family, drafter) -> {
            if (drafter.serves(version(family, stats), at)) {
                recovered.add(family);
            }
        });
        for (SettingStatistics statistics : stats.getSettings()) {
            Setting setting = SettingCodec.of(statistics.getSetting());
            if (!setting.isOff()) {
                long version = version(setting.family(), stats);
                watched.computeIfAbsent(setting.family(), family -> new Watched(family, version))
                        .add(version, statistics, at);
            }
        }
    }

    private static long version(Family family, AcceptanceStats stats) {
        return family.isLearned() ? stats.getDrafterVersion() : 0;
    }

    /** Raises what is to be raised. */
    void judge(long now) {
        watched.values().forEach(drafter -> drafter.judge(now));
    }

    /** Drafters that must not be chosen now. */
    Set<Family> resting(long now) {
        return watched.entrySet().stream()
                .filter(entry -> entry.getValue().restsUntil > now)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Alarms that stand. */
    List<HealthAlarm> standing() {
        return watched.values().stream()
                .flatMap(drafter -> Stream.of(drafter.collapse, drafter.decline).flatMap(Stream::ofNullable))
                .toList();
    }

    /** Alarms raised since the last call. */
    List<HealthAlarm> takeRaised() {
        var taken = List.copyOf(raised);
        raised.clear();
        return taken;
    }

    /** Drafters whose collapsed weights were replaced since the last call: what was known of their acceptance is void. */
    Set<Family> takeRecovered() {
        var taken = Set.copyOf(recovered);
        recovered.clear();
        return taken;
    }

    private final class Watched {
        private final Family family;
        private DraftAcceptance recent = counts(1);
        private DraftAcceptance longer = counts(BEST_WINDOWS);
        private DraftAcceptance ofVersion = counts(1);
        private long version;
        private double before;
        private double best;
        private int collapses;
        private long restsUntil = Long.MIN_VALUE;
        private long lowSince = Long.MAX_VALUE;
        private @Nullable HealthAlarm collapse;
        private @Nullable HealthAlarm decline;

        Watched(Family family, long version) {
            this.family = family;
            this.version = version;
        }

        void restore(HealthAlarm alarm) {
            if (alarm.kind() == Kind.COLLAPSE) {
                collapse = alarm;
                collapses = 1;
                before = alarm.before();
                restsUntil = alarm.restsUntil();
            } else {
                decline = alarm;
                best = alarm.before();
            }
        }

        private DraftAcceptance counts(int windows) {
            return new DraftAcceptance((double) windows * config.window().toMillis());
        }

        /** Returns whether a version that had collapsed was replaced. */
        boolean serves(long newest, long at) {
            if (newest <= version) {
                return false;
            }
            boolean healthy = collapses == 0;
            if (healthy) {
                before = enough(recent, at) ? recent.length(REFERENCE_LENGTH, at) : before;
            } else { // what the broken weights drafted says nothing about these
                recent = counts(1);
                longer = counts(BEST_WINDOWS);
            }
            version = newest;
            ofVersion = counts(1);
            collapses = 0;
            collapse = null;
            restsUntil = Long.MIN_VALUE;
            return !healthy;
        }

        void add(long ofStatistics, SettingStatistics statistics, long at) {
            if (ofStatistics == version) {
                List.of(recent, longer, ofVersion).forEach(counts -> counts.add(statistics, at));
            }
        }

        private boolean enough(DraftAcceptance counts, long now) {
            return counts.drafts(now) >= config.minimumSamples();
        }

        void judge(long now) {
            if (restsUntil > now) {
                return;
            }
            if (collapse != null) { // the same weights get another chance
                collapse = null;
                ofVersion = counts(1);
            }
            if (enough(ofVersion, now) && isCollapsed(now)) {
                collapse(now);
            } else if (family.isLearned() && enough(recent, now)) {
                watchDecline(recent.length(REFERENCE_LENGTH, now), now);
            }
        }

        private boolean isCollapsed(long now) {
            double drafted = ofVersion.length(REFERENCE_LENGTH, now) - 1;
            return ofVersion.lengthAsDrafted(now) < config.collapseThreshold()
                    || drafted < LEAST_SHARE_OF_BEFORE * (before - 1);
        }

        private void collapse(long now) {
            int factor = family.isLearned() ? Math.min(LONGEST_COOL_DOWN, 1 << Math.min(collapses, 30)) : 1;
            collapses++;
            restsUntil = now + factor * config.collapseCoolDown().toMillis();
            double length = ofVersion.length(REFERENCE_LENGTH, now);
            collapse = new HealthAlarm(family, version, Kind.COLLAPSE, length, before, now, restsUntil);
            raised.add(collapse);
        }

        private void watchDecline(double length, long now) {
            if (longer.drafts(now) >= BEST_WINDOWS * config.minimumSamples()) {
                best = Math.max(best, longer.length(REFERENCE_LENGTH, now));
            }
            if (length >= (1 - config.declineThreshold()) * best) {
                lowSince = Long.MAX_VALUE;
                boolean regained = length >= (1 - config.declineThreshold() / 2) * best;
                decline = regained ? null : decline;
                return;
            }
            lowSince = Math.min(lowSince, now);
            if (decline == null && now - lowSince >= config.window().toMillis()) {
                decline = new HealthAlarm(family, version, Kind.DECLINE, length, best, now, now);
                raised.add(decline);
            }
        }
    }
}
