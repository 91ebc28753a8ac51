package dev.respec.stage.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Rewards that are more than a function of the text: programs, services, functions from jars, sums.
 *
 * @param parts weights by reward function; {@value #TASK} stands for the line's own. Empty: the line's own alone
 * @param trusted whether functions from jars run inside the scorer
 * @param slow 95th percentile of a part's time above which it is named in a warning
 * @param startTimeout how long a start waits for services that do not answer; 0 does not ask them
 * @param childMegabytes Java heap of a process that runs functions from jars
 */
public record RewardSection(
        Map<String, String> parts,
        boolean trusted,
        Failure failure,
        Duration slow,
        Duration startTimeout,
        int childMegabytes,
        Code code,
        Http http,
        Judge judge) {
    /** The part that is the reward function of each line. */
    public static final String TASK = "task";

    /** What becomes of a rollout whose reward cannot be had. */
    public enum Failure {
        /** Left out and kept in the dead letters; its group ends incomplete and is asked again. */
        DEAD_LETTER,
        /** Reward 0, with the reason beside it. */
        ZERO
    }

    public RewardSection {
        InvalidValue.positive("slow", slow);
        InvalidValue.atLeast(16, "child-megabytes", childMegabytes);
        parts = Map.copyOf(parts);
        parts.forEach(RewardSection::weight);
    }

    /** Weights by part, sorted by name. */
    public Map<String, Double> weights() {
        var weights = new TreeMap<String, Double>();
        parts.forEach((name, value) -> weights.put(name, weight(name, value)));
        return weights;
    }

    private static double weight(String name, String value) {
        double weight = Double.NaN;
        try {
            weight = Double.parseDouble(value.strip());
        } catch (NumberFormatException notANumber) {
            // refused below
        }
        InvalidValue.require(
                Double.isFinite(weight), "parts", name + ": " + value, "a number as the weight of " + name);
        return weight;
    }

    /**
     * Programs that the policy wrote, run against tests.
     *
     * @param python command, or path of the interpreter
     * @param testTimeout of one test
     * @param timeout of all tests of a response, compilation included
     * @param memoryMegabytes of all processes of one test together
     * @param mostTests tests run of a problem, the first ones; 0 runs all
     * @param parallel responses that are judged at the same time
     */
    public record Code(
            boolean enabled,
            List<String> languages,
            Isolation isolation,
            Score score,
            String python,
            Duration testTimeout,
            Duration timeout,
            int memoryMegabytes,
            int processes,
            int openFiles,
            int fileMegabytes,
            int outputKilobytes,
            int mostTests,
            int parallel) {
        public static final String PYTHON = "python";
        public static final String JAVA = "java";

        /** What keeps a program from the machine. */
        public enum Isolation {
            /** Linux namespaces besides the limits; refused if the machine does not give them. */
            NAMESPACES,
            /** Limits of time, memory, processes and files alone: a program reaches network and files. */
            LIMITS_ONLY
        }

        /** How tests make a reward. */
        public enum Score {
            /** Share of the tests that passed. */
            SHARE,
            /** 1 if all tests passed, else 0; the first failure ends the run. */
            ALL
        }

        public Code {
            languages = List.copyOf(languages);
            InvalidValue.require(
                    !languages.isEmpty() && Set.of(PYTHON, JAVA).containsAll(languages),
                    "languages",
                    languages,
                    "a list of python, java");
            InvalidValue.require(!python.isBlank(), "python", python, "a command or a path");
            InvalidValue.positive("test-timeout", testTimeout);
            InvalidValue.positive("timeout", timeout);
            InvalidValue.atLeast(32, "memory-megabytes", memoryMegabytes);
            InvalidValue.atLeast(4, "processes", processes);
            InvalidValue.atLeast(16, "open-files", openFiles);
            InvalidValue.atLeast(1, "file-megabytes", fileMegabytes);
            InvalidValue.atLeast(1, "output-kilobytes", outputKilobytes);
            InvalidValue.atLeast(0, "most-tests", mostTests);
            InvalidValue.atLeast(1, "parallel", parallel);
        }
    }

    /**
     * Rewards from a service.
     *
     * @param url empty for none
     * @param keyVariable environment variable with the bearer token; empty for none
     * @param batch most responses of one request
     * @param parallel requests at the same time
     */
    public record Http(
            String url,
            String keyVariable,
            int batch,
            int parallel,
            Duration timeout,
            int attempts,
            Duration backOff,
            int cacheEntries) {
        public Http {
            requireUrl(url);
            InvalidValue.atLeast(1, "batch", batch);
            InvalidValue.atLeast(1, "parallel", parallel);
            InvalidValue.positive("timeout", timeout);
            InvalidValue.atLeast(1, "attempts", attempts);
            InvalidValue.positive("back-off", backOff);
            InvalidValue.atLeast(0, "cache-entries", cacheEntries);
        }
    }

    /**
     * A language model that judges, behind an OpenAI-compatible chat interface.
     *
     * @param url base of the interface, such as {@code http://host:8000/v1}; empty for none
     * @param rubric the user's turn, with {prompt}, {response} and {reference} in their places
     * @param verdict regular expression whose first group is the score; its last match counts
     * @param verdictField field of a JSON object in the reply that is the score, instead of {@code verdict}
     * @param lowest score that gives reward 0
     * @param highest score that gives reward 1
     */
    public record Judge(
            String url,
            String model,
            String keyVariable,
            String rubric,
            String verdict,
            String verdictField,
            double lowest,
            double highest,
            int maxTokens,
            int parallel,
            Duration timeout,
            int attempts,
            Duration backOff,
            int cacheEntries) {
        public static final String RESPONSE = "{response}";

        public Judge {
            requireUrl(url);
            InvalidValue.require(url.isEmpty() || !model.isBlank(), "model", model, "the name of the judge's model");
            InvalidValue.require(
                    rubric.contains(RESPONSE), "rubric", rubric, "a text with {response} where the response goes");
            InvalidValue.require(
                    !verdictField.isEmpty() || hasGroup(verdict),
                    "verdict",
                    verdict,
                    "a regular expression with a group around the score");
            InvalidValue.require(highest > lowest, "highest", highest, "a number above lowest");
            InvalidValue.atLeast(1, "max-tokens", maxTokens);
            InvalidValue.atLeast(1, "parallel", parallel);
            InvalidValue.positive("timeout", timeout);
            InvalidValue.atLeast(1, "attempts", attempts);
            InvalidValue.positive("back-off", backOff);
            InvalidValue.atLeast(0, "cache-entries", cacheEntries);
        }

        private static boolean hasGroup(String expression) {
            try {
                return java.util.regex.Pattern.compile(expression).matcher("").groupCount() >= 1;
            } catch (java.util.regex.PatternSyntaxException e) {
                return false;
            }
        }
    }

    private static void requireUrl(String url) {
        boolean usable = url.isEmpty();
        try {
            usable |= url.matches("https?://.+") && URI.create(url).getHost() != null;
        } catch (IllegalArgumentException notAUrl) {
            // refused below
        }
        InvalidValue.require(usable, "url", url, "an http:// or https:// address");
    }
}
