package dev.respec.stage.config;

public record ArtefactsSection(String root, int keep, S3 s3) {
    public ArtefactsSection {
        InvalidValue.atLeast(2, "keep", keep);
        InvalidValue.require(
                !root.contains(":") || root.startsWith("s3://"), "root", root, "a folder, or s3://bucket/prefix");
    }

    /** Whether the root is a place in a bucket; a folder otherwise. */
    public boolean isS3() {
        return root.startsWith("s3://");
    }

    /**
     * How the store of an {@code s3:} root is reached.
     *
     * @param endpoint empty for Amazon's
     * @param region empty for the environment's
     */
    public record S3(String endpoint, String region, boolean pathStyle) {
        public S3 {
            InvalidValue.require(
                    endpoint.isEmpty() || endpoint.matches("https?://\\S+"),
                    "endpoint",
                    endpoint,
                    "a url that starts with http:// or https://, or nothing");
        }
    }
}
