package dev.respec.ops.ui;

import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.UnauthorizedResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may see the page: on loopback, requests to a name of this machine; elsewhere, those that show the token. */
final class PageGuard {
    private static final Set<String> LOOPBACK_NAMES = Set.of("127.0.0.1", "localhost", "[::1]");
    /** Parameter that may show the token on every path. */
    static final String TOKEN = "token";

    private static final String BEARER = "Bearer ";
    private static final String COOKIE = "respec-token";
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final PageAddress address;

    PageGuard(PageAddress address) {
        this.address = address;
    }

    void check(Context context) {
        context.header("Content-Security-Policy", POLICY);
        context.header("X-Content-Type-Options", "nosniff");
        context.header("Referrer-Policy", "no-referrer");
        context.header("Cache-Control", "no-store");
        String token = address.token();
        if (token != null) {
            checkToken(context, token);
        } else if (!LOOPBACK_NAMES.contains(hostName(context))) {
            // another name is DNS rebinding: a foreign page reading this one through the browser
            throw new ForbiddenResponse("this page answers to 127.0.0.1 and localhost only");
        }
    }

    private static void checkToken(Context context, String token) {
        String inAddress = context.queryParam(TOKEN);
        if (equal(token, inAddress)) {
            context.header("Set-Cookie", COOKIE + "=" + token + "; HttpOnly; SameSite=Strict; Path=/");
            return;
        }
        String header = context.header("Authorization");
        boolean shown = equal(token, context.cookie(COOKIE))
                || header != null && header.startsWith(BEARER) && equal(token, header.substring(BEARER.length()));
        if (!shown) {
            throw new UnauthorizedResponse("this page needs its token: open the address that 'respec ui' printed");
        }
    }

    private static boolean equal(String token, @Nullable String shown) {
        return shown != null
                && MessageDigest.isEqual(
                        token.getBytes(StandardCharsets.UTF_8), shown.getBytes(StandardCharsets.UTF_8));
    }

    private static String hostName(Context context) {
        String host = context.header("Host");
        return host == null ? "" : host.replaceFirst(":\\d+$", "");
    }
}
