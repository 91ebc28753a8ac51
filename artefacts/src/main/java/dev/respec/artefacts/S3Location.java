package dev.respec.artefacts;

import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import java.util.regex.Pattern;

/**
 * A bucket and the prefix below which artefacts lie.
 *
 * @param prefix without slashes at its ends; empty for the whole bucket
 * @param endpoint for messages; empty for Amazon's
 */
record S3Location(String bucket, String prefix, String endpoint) {
    private static final Pattern ROOT = Pattern.compile("s3://([a-z0-9][a-z0-9.-]+)(?:/(.*))?");
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*");

    /** @throws ConfigException if {@code artefacts.root} is no such location */
    static S3Location parse(String root, String endpoint) {
        var matcher = ROOT.matcher(root);
        if (!matcher.matches()) {
            throw new ConfigException(
                    "config: artefacts.root '%s': expected s3://bucket or s3://bucket/prefix".formatted(root));
        }
        var below = matcher.group(2);
        var prefix = below == null ? "" : below.replaceAll("/+$", "");
        if (!prefix.isEmpty() && !plain(prefix)) {
            throw new ConfigException(
                    "config: artefacts.root '%s': a prefix has names of letters, digits, '.', '_' and '-' between slashes"
                            .formatted(root));
        }
        return new S3Location(matcher.group(1), prefix, endpoint);
    }

    /** Key of what is named. */
    String below(String name, String what) {
        if (!plain(name)) {
            throw new BadInputException("%s: '%s' is not the name of an artefact".formatted(what, name));
        }
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    String uri(String key) {
        return "s3://" + bucket + "/" + key;
    }

    /** Key of a uri that an event brought; only uris below this location are followed. */
    String keyOf(String uri, String what) {
        var start = uri(prefix.isEmpty() ? "" : prefix + "/");
        var rest = uri.startsWith(start) ? uri.substring(start.length()) : "";
        if (!plain(rest)) {
            throw new BadInputException(
                    "%s: '%s' is not below %s: set artefacts.root to the same location in every process"
                            .formatted(what, uri, start));
        }
        return below(rest, what);
    }

    /** No empty, hidden or parent segment: the key also names a folder of the cache. */
    private static boolean plain(String path) {
        for (var segment : path.split("/", -1)) {
            if (!SEGMENT.matcher(segment).matches()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return "s3://" + bucket + (endpoint.isEmpty() ? "" : " at " + endpoint);
    }
}
