package dev.respec.learner.budget;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.TrustedEvents;
import dev.respec.speculation.Setting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Statistics of a worker whose every draft token is accepted with the same probability. */
public final class Served {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private Served() {}

    public static SettingStatistics statistics(Setting setting, double rate, long drafts) {
        var accepted = new ArrayList<Long>();
        var drafted = new ArrayList<Long>();
        double reached = drafts;
        for (int k = 0; k < setting.draftLength(); k++) {
            drafted.add(drafts);
            reached *= rate;
            accepted.add(Math.round(reached));
        }
        long tokens = accepted.stream().mapToLong(Long::longValue).sum();
        return SettingStatistics.newBuilder()
                .setActiveBatch(4)
                .setSetting(SettingCodec.toAvro(setting))
                .setVerifySteps(drafts / 4)
                .setSequenceSteps(drafts)
                .setDraftedTokens(drafts * setting.draftLength())
                .setAcceptedByPosition(accepted)
                .setDraftedByPosition(drafted)
                .setEmittedTokens(drafts + tokens)
                .setDraftMilliseconds(1)
                .setVerifyMilliseconds(1)
                .setOtherMilliseconds(1)
                .build();
    }

    public static AcceptanceStats interval(long version, long atMillis, SettingStatistics... settings) {
        return AcceptanceStats.newBuilder()
                .setRunId("run")
                .setWorkerId("w")
                .setModelId("m")
                .setDeviceClass("cpu")
                .setIntervalStart(Instant.ofEpochMilli(atMillis - 1000))
                .setIntervalEnd(Instant.ofEpochMilli(atMillis))
                .setPolicyVersion(0)
                .setDrafterVersion(version)
                .setSettings(List.of(settings))
                .build();
    }

    /** Tokens per verify step of a draft of four at this rate. */
    static double length(double rate) {
        return 1 + rate + rate * rate + Math.pow(rate, 3) + Math.pow(rate, 4);
    }
}
