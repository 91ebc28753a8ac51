package dev.respec.artefacts;

import dev.respec.stage.BadInputException;
import java.io.IOException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** The store's errors as ours: what a person must change is bad input, what may pass is an artefact's failure. */
record S3Errors(S3Location root) {
    /** Work that may fail in all the store's ways. */
    interface Work<T> {
        T run() throws IOException;
    }

    <T> T translate(String what, Work<T> work) {
        try {
            return work.run();
        } catch (NoSuchBucketException e) {
            throw new BadInputException(
                    "%s: bucket %s does not exist in %s: create it, or set artefacts.root"
                            .formatted(what, root.bucket(), root),
                    e);
        } catch (NoSuchKeyException e) {
            throw new ArtefactException("%s: %s does not have it (any more)".formatted(what, root), e);
        } catch (S3Exception e) {
            throw refused(what, e);
        } catch (SdkClientException e) {
            throw unusable(what, e);
        } catch (IOException e) {
            throw new ArtefactException("%s: cannot be read or written here (%s)".formatted(what, e), e);
        }
    }

    private RuntimeException refused(String what, S3Exception error) {
        if (error.statusCode() == 401 || error.statusCode() == 403) {
            return new BadInputException(
                    "%s: %s refuses access (%s): check the credentials (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, a profile or role) and the bucket's policy"
                            .formatted(what, root, code(error)),
                    error);
        }
        if (error.statusCode() == 404) {
            return new BadInputException(
                    "%s: bucket %s does not exist in %s: create it, or set artefacts.root"
                            .formatted(what, root.bucket(), root),
                    error);
        }
        return new ArtefactException(
                "%s: %s answers %d %s".formatted(what, root, error.statusCode(), code(error)), error);
    }

    /** Credentials that are nowhere to be found will not come by waiting. */
    private RuntimeException unusable(String what, SdkClientException error) {
        var message = BadInputException.firstLine(error);
        if (message.contains("Unable to load credentials")) {
            return new BadInputException(
                    "%s: no credentials for %s: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile or role"
                            .formatted(what, root),
                    error);
        }
        return new ArtefactException(
                "%s: %s cannot be reached (%s): start it, or set artefacts.s3.endpoint".formatted(what, root, message),
                error);
    }

    /** An answer without a body has no code of its own. */
    private static String code(S3Exception error) {
        var details = error.awsErrorDetails();
        var code = details == null ? null : details.errorCode();
        return code == null || code.isBlank() ? "HTTP " + error.statusCode() : code;
    }
}
